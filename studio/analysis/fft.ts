/** A radix-2 FFT of a fixed power-of-two size (Cooley and Tukey 1965), in place. */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;

  constructor(size: number) {
    this.size = size;
    const angle = (2 * Math.PI) / size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, index) => Math.cos(angle * index));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, index) => Math.sin(angle * index));
    this.#reversed = new Uint32Array(size);
    for (let index = 1; index < size; index++) {
      this.#reversed[index] = (this.#reversed[index >> 1] >> 1) | (index & 1 ? size / 2 : 0);
    }
  }

  /** Transforms `re` + i `im`, both of {@link size}. */
  transform(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    for (let index = 0; index < size; index++) {
      const other = this.#reversed[index];
      if (other <= index) continue;
      [re[index], re[other]] = [re[other], re[index]];
      [im[index], im[other]] = [im[other], im[index]];
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let index = 0; index < half; index++) {
          const cos = this.#cos[index * step];
          const sin = this.#sin[index * step];
          const low = start + index;
          const high = low + half;
          const real = re[high] * cos + im[high] * sin;
          const imaginary = im[high] * cos - re[high] * sin;
          re[high] = re[low] - real;
          im[high] = im[low] - imaginary;
          re[low] += real;
          im[low] += imaginary;
        }
      }
    }
  }
}
