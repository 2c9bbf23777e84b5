import { freeArrays } from '../../base/free.ts';
import { toInt16Array } from '../samples.ts';

/** Interface of a format's encoder. It is called in order and with the right number of samples. */
export interface Sink {
  readonly contentLength?: number;
  push(samples: Float32Array): Uint8Array;
  /** As in `AudioEncoder`. */
  encodeHeld?(): Uint8Array | undefined;
  finish(): Uint8Array;
  close?(): void;
}

/**
 * Rounds samples to 16 bits for an encoder and frees them afterwards.
 * @param encode may not hold the array that it is given.
 * @returns what `encode` returns.
 */
export function withRounded<T>(samples: Float32Array, encode: (rounded: Int16Array) => T): T {
  const rounded = toInt16Array(samples);
  const result = encode(rounded);
  freeArrays(rounded);
  return result;
}
