/**
 * Outline of a signal, to be drawn as a waveform.
 * @param samples floats, or 16-bit samples.
 * @param buckets columns of the drawing, at least 1.
 * @returns least and greatest sample of each column, in turn: 2 * `buckets` values, full scale being 1. Of a signal with fewer
 *   samples than columns, neighbouring columns share a sample; of an empty one, all are 0.
 * @throws {RangeError} when `buckets` is no whole number from 1 up.
 */
export function waveformPeaks(samples: Int16Array | Float32Array, buckets: number): Float32Array {
  if (!(Number.isSafeInteger(buckets) && buckets > 0)) {
    throw new RangeError(`buckets must be a whole number from 1 up, not ${buckets}`);
  }
  const peaks = new Float32Array(2 * buckets);
  if (samples.length === 0) return peaks;
  const scale = samples instanceof Int16Array ? 1 / 32_768 : 1;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * samples.length) / buckets);
    const to = Math.max(from + 1, Math.floor(((bucket + 1) * samples.length) / buckets));
    let least = samples[from];
    let greatest = least;
    for (let i = from + 1; i < to; i++) {
      least = Math.min(least, samples[i]);
      greatest = Math.max(greatest, samples[i]);
    }
    peaks[2 * bucket] = least * scale;
    peaks[2 * bucket + 1] = greatest * scale;
  }
  return peaks;
}
