/** Values from here on count as full scale: within 0.01 dB of it. */
const FULL_SCALE = 0.999;
/** Samples in a row that make a flat top, and how near to the recording's peak: no smooth wave stays there as long. */
const FLAT = 4;
const AT_PEAK = 0.9998;

/**
 * Share of clipped samples: those at full scale, and flat tops at the recording's own peak where it was turned down after it was
 * clipped.
 * @param samples as recorded; resampling makes flat tops wavy and hides some of them.
 */
export function clippedShare(samples: Float32Array): number {
  let peak = 0;
  for (const value of samples) peak = Math.max(peak, Math.abs(value));
  if (peak === 0) return 0;
  const isFullScale = peak >= FULL_SCALE;
  const top = isFullScale ? FULL_SCALE : peak * AT_PEAK;
  let clipped = 0;
  let run = 0;
  for (let n = 0; n <= samples.length; n++) {
    if (n < samples.length && Math.abs(samples[n]) >= top) {
      run++;
      continue;
    }
    if (isFullScale || run >= FLAT) clipped += run;
    run = 0;
  }
  return clipped / samples.length;
}
