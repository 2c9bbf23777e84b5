/** Samples per second that the model speaks and every encoder takes. */
export const SAMPLE_RATE = 24_000;

// Adding and taking away 1.5 * 2^52 leaves no room for a fraction: the FPU itself rounds half to even, the same
// everywhere, where Math.round would lift every half towards +infinity.
const ROUNDER = 1.5 * 2 ** 52;

/**
 * Rounds one sample to 16 bits: clipped to [-1, 1], scaled by 32767 so that both signs reach equally far, halves to
 * even, no dither. NaN becomes 0.
 */
export function toInt16(sample: number): number {
  if (!(sample > -1)) return sample <= -1 ? -32767 : 0;
  if (sample >= 1) return 32767;
  return sample * 32767 + ROUNDER - ROUNDER;
}

/** IntervalTask samples to 16 bits as {@link toInt16} does. Every format but G.711, which filters first, starts from these values. */
export function toInt16Array(samples: Float32Array | Float64Array): Int16Array {
  const rounded = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) rounded[i] = toInt16(samples[i]);
  return rounded;
}

/** Rounds samples to 16 bits and lays them down as little-endian bytes, whatever the machine's own order. */
export function toInt16Bytes(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  for (let i = 0; i < samples.length; i++) {
    const value = toInt16(samples[i]);
    bytes[2 * i] = value;
    bytes[2 * i + 1] = value >> 8;
  }
  return bytes;
}

/** Lays 16-bit samples down as little-endian bytes, whatever the machine's own order. */
export function int16Bytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  for (let i = 0; i < samples.length; i++) {
    bytes[2 * i] = samples[i];
    bytes[2 * i + 1] = samples[i] >> 8;
  }
  return bytes;
}

/**
 * 16-bit samples as floats from which {@link toInt16Array} makes the very same samples, but for -32768, which it never
 * makes: over 32767, since that is what it scales by.
 * @param floats room for them, to be used again and again.
 * @returns the part of `floats` that they fill.
 */
export function toFloat32Array(samples: Int16Array, floats = new Float32Array(samples.length)): Float32Array {
  for (let i = 0; i < samples.length; i++) floats[i] = samples[i] / 32_767;
  return floats.subarray(0, samples.length);
}
