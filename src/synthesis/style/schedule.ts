/** Noise levels of a sampler. */
export interface NoiseRange {
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  /** Above 1, steps shorten towards low noise; Karras et al. take 7, StyleTTS 2 takes 9. */
  readonly rho: number;
}

/**
 * Noise levels at the sampler's steps (EDM, Karras et al. 2022, eq. 5):
 * sigma_i = (sigmaMax^(1/rho) + i / (N - 1) · (sigmaMin^(1/rho) - sigmaMax^(1/rho)))^rho, and sigma_N = 0.
 * @param steps N, 1 or more. One step goes from sigmaMax to 0 at once.
 * @returns [N + 1], falling.
 */
export function noiseLevels(steps: number, { sigmaMin, sigmaMax, rho }: NoiseRange): Float64Array {
  const levels = new Float64Array(steps + 1);
  const from = sigmaMax ** (1 / rho);
  const to = sigmaMin ** (1 / rho);
  for (let i = 0; i < steps; i++) levels[i] = (from + (i / Math.max(1, steps - 1)) * (to - from)) ** rho;
  return levels;
}
