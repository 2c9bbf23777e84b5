/** Samples per second that the model speaks and every encoder takes. */
export const SAMPLE_RATE = 24_000;

// Adding and subtracting 1.5 * 2^52 makes the FPU round half to even, the same on every engine. Math.round rounds halves towards +infinity.
const ROUNDER = 1.5 * 2 ** 52;

/**
 * Rounds one sample to 16 bits: clipped to [-1, 1], scaled by 32767 so that the range is symmetric, halves to even, no dither. NaN becomes
 * 0.
 */
export function toInt16(sample: number): number {
  if (!(sample > -1)) return sample <= -1 ? -32767 : 0;
  if (sample >= 1) return 32767;
  return sample * 32767 + ROUNDER - ROUNDER;
}

/** Rounds samples to 16 bits as {@link toInt16} does. Every format except G.711, which filters first, is encoded from these values. */
export function toInt16Array(samples: Float32Array | Float64Array): Int16Array {
  const rounded = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) rounded[i] = toInt16(samples[i]);
  return rounded;
}

/** Rounds samples to 16 bits and returns them as little-endian bytes. */
export function toInt16Bytes(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  for (let i = 0; i < samples.length; i++) {
    const value = toInt16(samples[i]);
    bytes[2 * i] = value;
    bytes[2 * i + 1] = value >> 8;
  }
  return bytes;
}

/**
 * Writes 16-bit samples as little-endian bytes.
 * @param bytes room for them, from `at` on.
 * @returns `bytes`.
 */
export function int16Bytes(
  samples: Int16Array,
  bytes = new Uint8Array(samples.length * 2),
  at = 0,
): Uint8Array {
  for (let i = 0; i < samples.length; i++) {
    bytes[at + 2 * i] = samples[i];
    bytes[at + 2 * i + 1] = samples[i] >> 8;
  }
  return bytes;
}

/**
 * Converts 16-bit samples to floats by dividing by 32767, the inverse of {@link toInt16Array} for all values except -32768, which that
 * never returns.
 * @param floats room for them, to be used again and again.
 * @returns the part of `floats` that they fill.
 */
export function toFloat32Array(
  samples: Int16Array,
  floats: Float32Array = new Float32Array(samples.length),
): Float32Array {
  for (let i = 0; i < samples.length; i++) floats[i] = samples[i] / 32_767;
  return floats.subarray(0, samples.length);
}
