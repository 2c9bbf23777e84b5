declare module 'fft.js' {
  /** Radix-4 complex FFT on interleaved (re, im) arrays. */
  export default class FFT {
    /** @param size a power of two. */
    constructor(size: number);
    /** Forward transform, not scaled. */
    transform(out: Float64Array, input: Float64Array): void;
    /** Inverse transform, scaled by 1 / size. */
    inverseTransform(out: Float64Array, input: Float64Array): void;
  }
}
