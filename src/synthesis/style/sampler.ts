import type { Random } from '../random.ts';
import type { SamplerName } from './options.ts';
import { type NoiseRange, noiseLevels } from './schedule.ts';

/**
 * The denoiser D(x; sigma): the mean of what x may have been before noise of standard deviation sigma was added.
 * @param x not kept and not changed.
 * @param denoised where the answer goes.
 */
export type Denoise = (x: Float64Array, sigma: number, denoised: Float64Array) => Promise<void>;

/** How to sample. */
export interface SampleOptions extends NoiseRange {
  readonly sampler: SamplerName;
  /** 1 to 32. */
  readonly steps: number;
  readonly random: Random;
}

/**
 * Draws one point of the denoiser's distribution, from noise of sigmaMax down to none. All arithmetic except the denoiser's is in float64,
 * so that runtimes with small differences in sums agree to 1e-4.
 *
 * `deterministic` is Heun's method (EDM, Karras et al. 2022, algorithm 1); `ancestral` is DPM-2 with ancestral noise as StyleTTS 2 samples
 * (`ADPM2Sampler`, after k-diffusion's `sample_dpm_2_ancestral`). Either asks the denoiser 2 N - 1 times: the last step, to sigma = 0, is
 * Euler's, whose end is the denoiser's answer itself.
 * @param size numbers in a point.
 */
export async function sample(denoise: Denoise, size: number, options: SampleOptions): Promise<Float64Array> {
  const { random, steps, sampler } = options;
  const levels = noiseLevels(steps, options);
  const state: State = {
    x: Float64Array.from({ length: size }, () => levels[0] * random.gaussian()),
    slope: new Float64Array(size),
    ahead: new Float64Array(size),
    denoised: new Float64Array(size),
  };
  const step = sampler === 'ancestral' ? ancestralStep : heunStep;
  for (let i = 0; i < steps - 1; i++) await step(denoise, state, levels[i], levels[i + 1], random);
  await denoise(state.x, levels[steps - 1], state.denoised);
  return state.denoised;
}

/** Buffers of one run: nothing is allocated between steps. */
interface State {
  readonly x: Float64Array;
  /** dx/dsigma = (x - D(x; sigma)) / sigma (EDM, eq. 4). */
  readonly slope: Float64Array;
  /** The point at which the slope is asked for a second time. */
  readonly ahead: Float64Array;
  readonly denoised: Float64Array;
}

/** To `next`, by the mean of the slopes at both ends. */
async function heunStep(denoise: Denoise, state: State, sigma: number, next: number): Promise<void> {
  const { x, slope, ahead, denoised } = state;
  await denoise(x, sigma, denoised);
  for (let i = 0; i < x.length; i++) {
    slope[i] = (x[i] - denoised[i]) / sigma;
    ahead[i] = x[i] + (next - sigma) * slope[i];
  }
  await denoise(ahead, next, denoised);
  for (let i = 0; i < x.length; i++) {
    const there = (ahead[i] - denoised[i]) / next;
    x[i] += ((next - sigma) * (slope[i] + there)) / 2;
  }
}

/** Below `next`, by the slope half way; then back up to it with new noise. */
async function ancestralStep(
  denoise: Denoise,
  state: State,
  sigma: number,
  next: number,
  random: Random,
): Promise<void> {
  const { x, ahead, denoised } = state;
  const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
  const down = Math.sqrt(next ** 2 - up ** 2);
  const middle = (sigma + down) / 2;
  await denoise(x, sigma, denoised);
  for (let i = 0; i < x.length; i++) ahead[i] = x[i] + ((middle - sigma) * (x[i] - denoised[i])) / sigma;
  await denoise(ahead, middle, denoised);
  for (let i = 0; i < x.length; i++) {
    x[i] += ((down - sigma) * (ahead[i] - denoised[i])) / middle + up * random.gaussian();
  }
}
