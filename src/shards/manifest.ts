import { z } from 'zod';
import { isLanguageTag } from '../base/language-tag.ts';
import { checkStyleSpace } from './manifest-checks.ts';
import { OPTIONAL_STAGES, type OptionalStage, STAGES, type StageName } from './stages.ts';
import { emotionEffect, fraction, styleSpace } from './style-space.ts';

/** Newest manifest layout that this code reads. A higher number is refused, never guessed at. */
export const MANIFEST_SCHEMA_VERSION = 3;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const fileRef = z.object({
  /** Key below the model's folder: `<sha256>.<ext>`. */
  file: z.string().regex(/^[0-9a-f]{64}\.(onnx|bin)$/),
  bytes: z.number().int().positive(),
  sha256,
});

/** Difference from fp32 on a spoken phrase's inputs, by output name. */
const outputErrors = z.record(z.string(), z.object({ maxAbs: z.number(), relativeRms: z.number() }));

const stage = z.object({
  /** The ONNX graph; its weights are external data that names the shards' files. */
  graph: fileRef,
  shards: z.array(fileRef),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  parameters: z.number().int().nonnegative(),
  quantization: z.object({
    scheme: z.enum(['none', 'float16', 'int8-dynamic', 'int8-qdq']),
    error: outputErrors,
  }),
});

/** A second graph of a stage, which reads the stage's own shards. */
const batchedStage = z.object({
  graph: fileRef,
  /** Inputs with time as their second axis; all outputs have it there. */
  timed: z.array(z.string()).min(1),
  error: outputErrors,
});

const voiceId = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/);

const voice = z.object({
  id: voiceId,
  name: z.string(),
  sex: z.enum(['female', 'male', 'neutral']),
  language: z.string().refine(isLanguageTag),
  description: z.string(),
  /** A sentence that shows the voice. */
  sample: z.string().min(1),
  /** Style vector: acoustic half, then prosodic half. */
  style: z.array(z.number()),
  /** Factor on log-F0's deviation from the utterance mean; makes up for the predictor's reduced variance. */
  pitchRange: z.number().positive(),
  /** Names of older models' voices that this one answers for. */
  formerly: z.array(voiceId).optional(),
});

/** Milliseconds of one thread of an edge, measured: what the dispatch policy reckons with. */
const edgeCosts = z.object({
  /** A frame from text to waveform, the refiner not counted. */
  frameMs: z.number().positive(),
  /** A frame in one step of the mel refiner. */
  refineStepMs: z.number().nonnegative(),
  /** A step of the style sampler, in which the denoiser runs twice. */
  styleStepMs: z.number().nonnegative(),
  /** A second of a recording that a style is made of. */
  referenceSecondMs: z.number().nonnegative(),
});

const refiner = z.object({
  /** Standard deviation of the noise that the refiner starts from, in nepers of the mel. */
  sigma: z.number().nonnegative(),
  defaultSteps: z.number().int().min(0).max(32),
  /** EmoMix's K_max and K_min as the flow's t (0 = start, 1 = end): mixed-in emotions act from here, */
  emotionFrom: fraction,
  /** until here. */
  emotionUntil: fraction,
});

const isOptional = (name: StageName) => OPTIONAL_STAGES.some((optional) => optional === name);
const stageFields = Object.fromEntries(
  STAGES.map((name) => [name, isOptional(name) ? stage.optional() : stage]),
) as Record<Exclude<StageName, OptionalStage>, typeof stage> &
  Record<OptionalStage, z.ZodOptional<typeof stage>>;

/** The fields of `manifest.json`, each valid by itself; {@link manifestSchema} also has them agree with each other. */
export const manifestFields = z.object({
  schemaVersion: z.literal(MANIFEST_SCHEMA_VERSION),
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  version: z.string(),
  /** Seconds since the epoch; from the model folder, so that packing stays deterministic. */
  created: z.number().int(),
  sampleRate: z.literal(24000),
  hop: z.literal(300),
  fft: z.literal(1024),
  mels: z.literal(100),
  /**
   * Frames by which a sound comes before the frames of its symbol, because the alignment of the training data is late by as many. Times,
   * pauses and controls of symbols are shifted by it.
   */
  soundLead: z.number().int().min(0).max(16).default(0),
  styleSize: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  phonemes: z.array(z.string()),
  languages: z.array(z.string().refine(isLanguageTag)).min(1),
  /** Order of the emotion inputs of `style_denoiser` and `mel_refiner`; the first is `neutral`. */
  emotions: z.array(z.string().regex(/^[a-z]+$/)).min(1),
  /** Changes of each emotion but `neutral`; absent in a model whose `style_denoiser` speaks the emotions. */
  emotionEffects: z.record(z.string(), emotionEffect).optional(),
  style: styleSpace,
  /** Settings of `mel_refiner`; absent without it. */
  refiner: refiner.optional(),

  vocoder: z.object({
    /** Receptive field of the network to each side, in frames. */
    contextFrames: z.number().int().nonnegative(),
    /** How many times the levels of the waveform are matched to the mel. */
    rounds: z.number().int().min(0).max(3),
    /** Bands in which the noise is modulated by the pitch. */
    modulationBands: z.number().int().min(2).max(128),
  }),
  stages: z.object(stageFields),
  edgeCosts: edgeCosts.optional(),
  voices: z.array(voice).min(1),
  /** Pronunciation data by language: compact dictionary and the fallback for unknown words. */
  lexicons: z.record(z.string(), z.object({ dictionary: fileRef, fallback: fileRef.optional() })),
  /** Known inputs and the quantized graphs' outputs, for the start-up check. */
  knownAnswer: fileRef,
  /** For servers that have many requests at once: graphs that take several utterances, with their own answers to the known inputs. */
  batched: z
    .object({ stages: z.partialRecord(z.enum(STAGES), batchedStage), knownAnswer: fileRef })
    .optional(),
  licence: z.string(),
  attributions: z.array(z.string()),
});

/** `manifest.json`: the description of a model, read before its weights. */
export const manifestSchema = manifestFields.superRefine(checkStyleSpace);

/** A parsed manifest. */
export type Manifest = z.infer<typeof manifestSchema>;
/** One content-addressed file of a model. */
export type FileRef = z.infer<typeof fileRef>;
/** One stage as the manifest lists it. */
export type ManifestStage = z.infer<typeof stage>;
/** Costs of a model's stages at the edge. */
export type EdgeCosts = z.infer<typeof edgeCosts>;
