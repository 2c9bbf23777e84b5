/** Interface of a format's encoder. It is called in order and with the right number of samples. */
export interface Sink {
  readonly contentLength?: number;
  push(samples: Float32Array): Uint8Array;
  finish(): Uint8Array;
  close?(): void;
}
