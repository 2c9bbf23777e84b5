import type { Tensor } from '../../inference/backend.ts';
import type { StageRunner } from '../stages.ts';
import { type EmotionPart, oneHot } from './emotion.ts';
import type { Denoise } from './sampler.ts';

/** Conditions of the network while one style is sampled. */
export interface DenoiserConditions {
  /** Phoneme ids [P] of the utterance. */
  readonly phonemeIds: BigInt64Array;
  /** Standardised style [S] of the speaker. */
  readonly reference: Float32Array;
  readonly emotions: readonly string[];
  /** `undefined` when no emotion is stated. */
  readonly emotion: readonly EmotionPart[] | undefined;
  /** Scale w of classifier-free guidance. */
  readonly embeddingScale: number;
  readonly signal?: AbortSignal;
}

/**
 * The denoiser that the sampler follows: one batched run of `style_denoiser` per call, one row per emotion of the mix and one for guidance.
 *
 * - Mixing (EmoMix, Tang et al. 2023, eq. 8): eps_mix = sum of weight · eps(x, sigma, emotion). As eps = (x - D) / sigma and the weights sum
 *   to 1, the denoised points are mixed by the same weights.
 * - Guidance (Ho and Salimans 2022, as StyleTTS 2 uses it): D = D_without + w · (D_with - D_without), where `without` gets neither text nor
 *   emotion but has the reference, so that guidance does not exaggerate the speaker. At w = 1 that row is not computed.
 */
export function createDenoiser(stages: StageRunner, conditions: DenoiserConditions): Denoise {
  const { phonemeIds, reference, emotions, emotion, embeddingScale, signal } = conditions;
  const size = reference.length;
  const weights = emotion?.map(({ weight }) => weight * embeddingScale) ?? [embeddingScale];
  const guided = embeddingScale !== 1;
  if (guided) weights.push(1 - embeddingScale);
  const rows = weights.length;

  const emotionRows = new Float32Array(rows * emotions.length);
  if (emotion) emotionRows.set(oneHot(emotions, emotion));
  const given = new Float32Array(rows * 2).fill(1);
  if (guided) given[(rows - 1) * 2] = 0;
  const points = floats(new Float32Array(rows * size), rows, size);
  const levels = floats(new Float32Array(rows), rows);
  const inputs = {
    x: points,
    sigma: levels,
    phonemes: { type: 'int64', data: phonemeIds, dims: [1, phonemeIds.length] } as const,
    reference: floats(repeat(reference, rows), rows, size),
    emotion: floats(emotionRows, rows, emotions.length),
    given: floats(given, rows, 2),
  };

  return async (x, sigma, denoised) => {
    for (let row = 0; row < rows; row++) points.data.set(x, row * size);
    levels.data.fill(sigma);
    const answer = (await stages.run('style_denoiser', inputs, signal)).denoised.data as Float32Array;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += weights[row] * answer[row * size + i];
      denoised[i] = sum;
    }
  };
}

function repeat(vector: Float32Array, times: number): Float32Array {
  const out = new Float32Array(times * vector.length);
  for (let row = 0; row < times; row++) out.set(vector, row * vector.length);
  return out;
}

function floats(data: Float32Array, ...dims: number[]): Tensor & { readonly data: Float32Array } {
  return { type: 'float32', data, dims };
}
