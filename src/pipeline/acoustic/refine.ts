import type { Tensor } from '../../inference/backend.ts';
import type { Random } from '../random.ts';
import type { StageRunner } from '../stages.ts';

/** What the mel refiner needs to know. */
export interface RefineOptions {
  /** Euler steps; 0 returns the coarse mel. */
  readonly steps: number;
  /** Standard deviation of the noise that the refiner starts from, in units of normalised log-mel. */
  readonly sigma: number;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/**
 * Sharpens the coarse mel by shallow diffusion (DiffSinger, Liu et al. 2022, section 3.2): starts from the coarse mel plus noise and
 * follows the refiner's rectified flow (Liu et al. 2023, eq. 1) to t = 1 in equal Euler steps.
 * @param mel [1, T, 100] coarse log-mel.
 * @param style [1, S].
 * @returns [1, T, 100].
 */
export async function refineMel(
  stages: StageRunner,
  mel: Tensor,
  style: Tensor,
  options: RefineOptions,
): Promise<Tensor> {
  const { steps, sigma, random, signal } = options;
  if (steps === 0) return mel;
  const x = Float32Array.from(mel.data as Float32Array, (value) => value + sigma * random.gaussian());
  for (let step = 0; step < steps; step++) {
    const { velocity } = await stages.run(
      'mel_refiner',
      {
        x: { type: 'float32', data: x, dims: mel.dims },
        mel,
        style,
        t: { type: 'float32', data: Float32Array.of(step / steps), dims: [1] },
      },
      signal,
    );
    const v = velocity.data as Float32Array;
    for (let i = 0; i < x.length; i++) x[i] += v[i] / steps;
  }
  return { type: 'float32', data: x, dims: mel.dims };
}
