/** Fast Fourier transform of one size: radix 2, decimation in time, in place (Cooley and Tukey 1965). */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #swaps: Uint32Array;

  /** @param size a power of two. */
  constructor(size: number) {
    this.size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    this.#swaps = bitReversal(size);
  }

  /** Transforms `re + i im` in place, unscaled. With the arguments swapped it is the inverse transform times the size. */
  transform(re: Float64Array, im: Float64Array): void {
    const swaps = this.#swaps;
    for (let i = 0; i < swaps.length; i += 2) {
      const [a, b] = [swaps[i], swaps[i + 1]];
      const [r, m] = [re[a], im[a]];
      re[a] = re[b];
      im[a] = im[b];
      re[b] = r;
      im[b] = m;
    }
    for (let half = 1; half < this.size; half *= 2) this.#stage(re, im, half);
  }

  #stage(re: Float64Array, im: Float64Array, half: number): void {
    const [cos, sin, size] = [this.#cos, this.#sin, this.size];
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0, w = 0; k < half; k++, w += stride) {
        const a = start + k;
        const b = a + half;
        const r = re[b] * cos[w] - im[b] * sin[w];
        const m = re[b] * sin[w] + im[b] * cos[w];
        re[b] = re[a] - r;
        im[b] = im[a] - m;
        re[a] += r;
        im[a] += m;
      }
    }
  }
}

/** Pairs of places that change places. */
function bitReversal(size: number): Uint32Array {
  const swaps: number[] = [];
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) swaps.push(i, j);
  }
  return Uint32Array.from(swaps);
}
