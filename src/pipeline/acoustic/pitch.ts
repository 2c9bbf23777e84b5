/**
 * Widens (or narrows) an F0 contour about its mean: global variance compensation (Toda and Tokuda 2007) in the log domain, since a
 * predictor trained on the mean error speaks flatter than the recordings do.
 * @param f0 [T] Hz, continuous.
 * @param voicing [T] probability; weighs the mean, so that interpolated stretches don't shift it.
 * @param range factor on the deviation; 1 = unchanged.
 * @returns [T] Hz.
 */
export function scalePitchRange(f0: Float32Array, voicing: Float32Array, range: number): Float32Array {
  if (range === 1) return f0;
  let sum = 0;
  let weight = 1e-6;
  for (let t = 0; t < f0.length; t++) {
    sum += voicing[t] * Math.log(f0[t]);
    weight += voicing[t];
  }
  const mean = sum / weight;
  return f0.map((hz) => Math.exp(mean + range * (Math.log(hz) - mean)));
}
