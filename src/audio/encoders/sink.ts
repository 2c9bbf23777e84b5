/** Interface of a format's encoder. It is called in order and with the right number of samples. */
export interface Sink {
  readonly contentLength?: number;
  push(samples: Float32Array): Uint8Array;
  finish(): Uint8Array;
  close?(): void;
}

/**
 * For files whose header states the number of samples.
 * @throws {RangeError} when the number of samples is not known.
 */
export function knownLength(samples: number | undefined): number {
  if (samples === undefined)
    throw new RangeError('a WAV file begins with its length: totalSamples is needed');
  return samples;
}
