import { SoriError } from '../../base/errors.ts';
import type { Tensor } from '../../inference/backend.ts';
import type { Manifest } from '../../shards/manifest.ts';
import type { Random } from '../random.ts';
import type { StageRunner } from '../stages.ts';
import { type EmotionPart, mixEmotions, NEUTRAL, oneHot } from '../style/emotion.ts';

/** Most steps of the refiner. */
export const MAX_REFINE_STEPS = 32;

/** Options of the mel refiner. */
export interface RefineOptions {
  /** The model's emotions, noise and bounds of the mix. */
  readonly model: Pick<Manifest, 'emotions' | 'refiner'>;
  /** Euler steps, 0 to 32; 0 returns the coarse mel. */
  readonly steps: number;
  /** Weights by emotion, sum at most 1, the rest neutral; no emotion is stated when not given. */
  readonly emotion?: Readonly<Record<string, number>>;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/**
 * Sharpens the coarse mel by shallow diffusion (DiffSinger, Liu et al. 2022, section 3.2): starts from the coarse mel plus noise and
 * follows the refiner's rectified flow (Liu et al. 2023, eq. 1) to t = 1 in equal Euler steps.
 *
 * Emotions are mixed as in EmoMix (Tang et al. 2023, eq. 8): velocities, which are linear in the predicted noise at a given x and t,
 * are summed by weight. As there, the mix acts only between K_max and K_min, here the manifest's `emotionFrom` and `emotionUntil`:
 * the base emotion alone draws the outline before, and the finest detail after. The base is neutral, which also fills a mix up, so
 * that an emotion's effect grows from nothing with its weight. A step belongs to where its middle lies, so one step mixes too.
 * @param mel [1, T, 100] coarse log-mel.
 * @param style [1, S].
 * @returns [1, T, 100].
 * @throws {SoriError} `invalid_value`, `unknown_emotion`; what the stage runner throws.
 */
export async function refineMel(
  stages: StageRunner,
  mel: Tensor,
  style: Tensor,
  options: RefineOptions,
): Promise<Tensor> {
  const { model, steps, emotion, random, signal } = options;
  const { emotions, refiner } = model;
  if (!(Number.isInteger(steps) && steps >= 0 && steps <= MAX_REFINE_STEPS)) {
    const message = `refine_steps must be a whole number from 0 to ${MAX_REFINE_STEPS}, not ${steps}.`;
    throw new SoriError('invalid_value', message, { param: 'refine_steps' });
  }
  const mixed = emotion && weighted(emotions, mixEmotions(emotions, emotion));
  // A model without a refiner has no use for steps.
  if (steps === 0 || !refiner) return mel;
  const base = mixed
    ? weighted(emotions, [{ index: NEUTRAL, weight: 1 }])
    : [{ weight: 1, emotion: row(new Float32Array(emotions.length)) }];

  const x = Float32Array.from(mel.data as Float32Array, (value) => value + refiner.sigma * random.gaussian());
  const start = { x: { type: 'float32', data: x, dims: mel.dims } as const, mel, style };
  const change = new Float64Array(x.length);
  for (let step = 0; step < steps; step++) {
    const middle = (step + 0.5) / steps;
    const within = middle >= refiner.emotionFrom && middle <= refiner.emotionUntil;
    const t = row(Float32Array.of(step / steps), 1);
    change.fill(0);
    for (const { weight, emotion } of (within && mixed) || base) {
      const { velocity } = await stages.run('mel_refiner', { ...start, t, emotion }, signal);
      const v = velocity.data as Float32Array;
      for (let i = 0; i < v.length; i++) change[i] += weight * v[i];
    }
    for (let i = 0; i < x.length; i++) x[i] += change[i] / steps;
  }
  return start.x;
}

function weighted(emotions: readonly string[], parts: readonly EmotionPart[]) {
  return parts.map((part) => ({ weight: part.weight, emotion: row(oneHot(emotions, [part])) }));
}

function row(data: Float32Array, ...dims: number[]): Tensor {
  return { type: 'float32', data, dims: dims.length ? dims : [1, data.length] };
}
