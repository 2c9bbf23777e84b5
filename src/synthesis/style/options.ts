import { SoriError } from '../../base/errors.ts';
import type { Manifest } from '../../shards/manifest.ts';
import { type EmotionPart, mixEmotions } from './emotion.ts';

/** Most steps of the style sampler. */
export const MAX_STYLE_STEPS = 32;
/** Highest scale of classifier-free guidance. */
export const MAX_EMBEDDING_SCALE = 10;

/** Settings of a model without a sampler. */
const UNSAMPLED = { steps: 0, alpha: 0, beta: 0, embeddingScale: 1 } as const;

/** How styles are drawn: `ancestral` adds new noise at each step, `deterministic` follows the ODE from the first noise. */
export type SamplerName = 'ancestral' | 'deterministic';

/** Style sampler fields of a request; missing ones come from the manifest. */
export interface StyleOptions {
  /** Weights by emotion, each in [0, 1], sum at most 1, the rest neutral. Not given: no emotion is stated to the model. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** Share of the sampled style in the acoustic half (timbre), 0 to 1; 0 = the reference's. */
  readonly alpha?: number;
  /** Share of the sampled style in the prosodic half, 0 to 1; 0 = the reference's. */
  readonly beta?: number;
  /** Steps of the sampler, 0 to 32; 0 = the reference, without sampling. */
  readonly diffusionSteps?: number;
  /** Scale of classifier-free guidance, 0 to 10; 1 = none, above 1 follows text and emotion more closely. */
  readonly embeddingScale?: number;
  /** `ancestral` when not given. */
  readonly sampler?: SamplerName;
  /** Weight of the previous utterance's sampled style, 0 to 1. */
  readonly continuity?: number;
}

/** Options with the manifest's defaults filled in, checked. */
export interface ResolvedStyleOptions {
  /** Parts of the mix; `undefined` when no emotion is stated. */
  readonly emotion: readonly EmotionPart[] | undefined;
  readonly alpha: number;
  readonly beta: number;
  readonly steps: number;
  readonly embeddingScale: number;
  readonly sampler: SamplerName;
  readonly continuity: number;
}

/** The parts of a manifest that say how styles are made. */
export type StyleModel = Pick<Manifest, 'emotions' | 'emotionEffects' | 'style'>;

/** Whether the sampler speaks a model's emotions. In all other models they are changes of the style ({@link applyEmotion}). */
export function samplesEmotions({
  emotionEffects,
  style,
}: Pick<StyleModel, 'emotionEffects' | 'style'>): boolean {
  return style.sampler !== undefined && emotionEffects === undefined;
}

/**
 * Fills in what a request leaves open (from `defaults`, or from `emotionDefaults` when it states an emotion that the sampler speaks) and
 * checks all of it. A model without a sampler takes 0 steps, whatever is asked for.
 * @throws {SoriError} `invalid_value` (NaN, out of range) and `unknown_emotion` with the field as `param`; `conflicting_parameters`
 * for an emotion without steps, if the sampler speaks the emotions.
 */
export function resolveStyleOptions(model: StyleModel, options: StyleOptions): ResolvedStyleOptions {
  const emotion = options.emotion && mixEmotions(model.emotions, options.emotion);
  const sampling = model.style.sampler;
  const drawn = emotion !== undefined && samplesEmotions(model);
  const defaults = (drawn ? sampling?.emotionDefaults : sampling?.defaults) ?? UNSAMPLED;
  const { sampler = 'ancestral' } = options;
  const steps = options.diffusionSteps ?? defaults.steps;
  if (!(Number.isInteger(steps) && steps >= 0 && steps <= MAX_STYLE_STEPS)) {
    const wanted = `a whole number from 0 to ${MAX_STYLE_STEPS}`;
    throw invalid('diffusion_steps', `diffusion_steps must be ${wanted}, not ${steps}.`);
  }
  if (drawn && steps === 0) {
    const message = 'An emotion needs at least 1 diffusion step: leave diffusion_steps out or raise it.';
    throw new SoriError('conflicting_parameters', message, { param: 'diffusion_steps' });
  }
  if (sampler !== 'ancestral' && sampler !== 'deterministic')
    throw invalid('sampler', "sampler must be 'ancestral' or 'deterministic'.");
  const alpha = within('alpha', options.alpha ?? defaults.alpha, 1);
  return {
    emotion,
    steps: sampling ? steps : 0,
    sampler,
    alpha: sampling?.prosodyOnly ? 0 : alpha,
    beta: within('beta', options.beta ?? defaults.beta, 1),
    embeddingScale: within(
      'embedding_scale',
      options.embeddingScale ?? defaults.embeddingScale,
      MAX_EMBEDDING_SCALE,
    ),
    continuity: within('continuity', options.continuity ?? sampling?.continuity ?? 0, 1),
  };
}

function within(param: string, value: number, most: number): number {
  // Negated so that NaN fails too.
  if (!(value >= 0 && value <= most))
    throw invalid(param, `${param} must be from 0 to ${most}, not ${value}.`);
  return value;
}

function invalid(param: string, message: string): SoriError {
  return new SoriError('invalid_value', message, { param });
}

/** Fields of a request that speak to the sampler, by option. */
const SAMPLER_FIELDS = {
  alpha: 'alpha',
  beta: 'beta',
  diffusionSteps: 'diffusion_steps',
  embeddingScale: 'embedding_scale',
  sampler: 'sampler',
  continuity: 'continuity',
} as const satisfies Partial<Record<keyof StyleOptions, string>>;

/** A field that is set and has no effect. */
export interface UnusedField {
  readonly param: string;
  /** Whether the model would use it if `diffusion_steps` were above 0. */
  readonly needsSteps: boolean;
}

/**
 * Fields of the sampler that are set and have no effect: all of them in a model without a sampler, `alpha` where only the prosody is
 * sampled, and those that shape a sampled style in a request that samples none.
 * @param sampled whether any utterance of the request has a sampled style.
 */
export function unusedStyleFields(
  { style: { sampler } }: Pick<StyleModel, 'style'>,
  options: StyleOptions,
  sampled: boolean,
): UnusedField[] {
  const fields = Object.keys(SAMPLER_FIELDS) as (keyof typeof SAMPLER_FIELDS)[];
  return fields.flatMap((name) => {
    if (options[name] === undefined) return [];
    const never = sampler === undefined || (name === 'alpha' && sampler.prosodyOnly === true);
    const used = name === 'diffusionSteps' ? !never || options[name] === 0 : !never && sampled;
    return used ? [] : [{ param: SAMPLER_FIELDS[name], needsSteps: !never }];
  });
}
