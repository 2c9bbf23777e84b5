import { z } from 'zod';

/** A number from 0 to 1. */
export const fraction = z.number().min(0).max(1);

/** Parameters of the style sampler where a request names none. */
const samplingDefaults = z.object({
  /** Steps of the sampler; 0 = the voice's own style vector. */
  steps: z.number().int().min(0).max(32),
  /** Share of the sampled style in the acoustic half. */
  alpha: fraction,
  /** Share of the sampled style in the prosodic half. */
  beta: fraction,
  /** Scale of classifier-free guidance; 1 = none. */
  embeddingScale: z.number().min(0).max(10),
});

const sampler = z.object({
  /** EDM's sigma_data, sigma_min, sigma_max and rho (Karras et al. 2022, table 1 and eq. 5), in standardised units. */
  sigmaData: z.number().positive(),
  sigmaMin: z.number().positive(),
  sigmaMax: z.number().positive(),
  rho: z.number().min(1),
  /** Long form: weight of the previous sentence's sampled style in the next one's (`LFinference` of StyleTTS 2). */
  continuity: fraction,
  /** Whether only the prosodic half is sampled. The acoustic half is then the reference's, and `alpha` has no effect. */
  prosodyOnly: z.boolean().optional(),
  defaults: samplingDefaults,
  /** The same for requests that state an emotion, in a model whose sampler speaks the emotions. */
  emotionDefaults: samplingDefaults.extend({ steps: z.number().int().min(1).max(32) }).optional(),
});

/** Changes of an emotion at full weight in a model whose sampler does not speak the emotions. */
export const emotionEffect = z.object({
  /** Semitones added to the pitch. */
  pitch: z.number().min(-12).max(12),
  /** Factor on the pitch range. */
  pitchRange: z.number().positive(),
  /** Factor on the speed of sounds. */
  rate: z.number().positive(),
  /** Factor on the length of pauses. */
  pauses: z.number().positive(),
  /** dB added to the level. */
  energy: z.number().min(-20).max(20),
});

const index = z.number().int().nonnegative();

/** The space of style vectors, and how points of it are drawn. */
export const styleSpace = z.object({
  /** Mean of each dimension over the training styles. */
  mean: z.array(z.number()),
  /** Standard deviation of each dimension; style ids and the denoiser hold `(raw - mean) / scale`. */
  scale: z.array(z.number().positive()),
  /** Axes for comparing voices: the position of a style is `axes · (style - mean)`. Without it, all dimensions in standard deviations. */
  likeness: z.object({ mean: z.array(z.number()), axes: z.array(z.array(z.number())).min(1) }).optional(),
  /** How styles are sampled; absent in a model without `style_denoiser`. */
  sampler: sampler.optional(),
  /** Dimensions that are measured statistics of speech rather than learnt, hard-wired into the graphs. */
  statistics: z.object({
    /** Spectral tilt; in the acoustic half, all others in the prosodic one. */
    tilt: index.optional(),
    /** Mean of ln F0 - ln 160 Hz. */
    pitch: index,
    /** Standard deviation of ln F0. */
    pitchRange: index,
    /** Declination: slope of ln F0 per second. */
    slope: index.optional(),
    /** ln of the duration factor against the average speaker; negative is faster. */
    rate: index,
    /** ln of the pause-length factor. */
    pauses: index,
    /** Standard deviation of normalised log-energy. */
    energyRange: index.optional(),
    /** Mean deviation of voicing. */
    breathiness: index.optional(),
    /** Mean of normalised log-energy. */
    energy: index.optional(),
  }),
});

/** The style space as the manifest describes it. */
export type StyleSpace = z.infer<typeof styleSpace>;
