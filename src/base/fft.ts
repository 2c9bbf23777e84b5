/** Fast Fourier transform of one size: radix 2, decimation in time, in place (Cooley and Tukey 1965). */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #swaps: Uint32Array;

  /**
   * @param size a power of two, 4 or more.
   * @param round applied to the sines and cosines. `Math.sin` differs in the last bit between engines; rounded to a coarser grid, results
   * are equal on every engine.
   */
  constructor(size: number, round: (value: number) => number = (value) => value) {
    this.size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => round(Math.cos((2 * Math.PI * k) / size)));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => round(-Math.sin((2 * Math.PI * k) / size)));
    this.#swaps = bitReversal(size);
  }

  /** Transforms `re + i im` in place, unscaled. With the arguments swapped it is the inverse transform times the size. */
  transform(re: Float64Array, im: Float64Array): void {
    const swaps = this.#swaps;
    for (let i = 0; i < swaps.length; i += 2) {
      const a = swaps[i];
      const b = swaps[i + 1];
      const r = re[a];
      const m = im[a];
      re[a] = re[b];
      im[a] = im[b];
      re[b] = r;
      im[b] = m;
    }
    const odd = Math.log2(this.size) % 2 === 1;
    if (odd) this.#pairs(re, im);
    for (let half = odd ? 2 : 1; half < this.size; half *= 4) this.#twoStages(re, im, half);
  }

  /** The first stage, which has no factors. */
  #pairs(re: Float64Array, im: Float64Array): void {
    for (let a = 0; a < this.size; a += 2) {
      const r = re[a + 1];
      const m = im[a + 1];
      re[a + 1] = re[a] - r;
      im[a + 1] = im[a] - m;
      re[a] += r;
      im[a] += m;
    }
  }

  /** The stages that join blocks of `half` and then of `2 * half` values. Both at once read and write each value only once. */
  #twoStages(re: Float64Array, im: Float64Array, half: number): void {
    const cos = this.#cos;
    const sin = this.#sin;
    const size = this.size;
    const stride = size / (4 * half);
    for (let k = 0; k < half; k++) {
      const first = 2 * k * stride;
      const near = k * stride;
      const far = near + size / 4;
      const [cos1, sin1, cos2, sin2, cos3, sin3] = [
        cos[first],
        sin[first],
        cos[near],
        sin[near],
        cos[far],
        sin[far],
      ];
      for (let a = k; a < size; a += 4 * half) {
        const b = a + half;
        const c = b + half;
        const d = c + half;
        const bRe = re[b] * cos1 - im[b] * sin1;
        const bIm = re[b] * sin1 + im[b] * cos1;
        const dRe = re[d] * cos1 - im[d] * sin1;
        const dIm = re[d] * sin1 + im[d] * cos1;
        const lowRe = re[a] + bRe;
        const lowIm = im[a] + bIm;
        const highRe = re[a] - bRe;
        const highIm = im[a] - bIm;
        const sumRe = re[c] + dRe;
        const sumIm = im[c] + dIm;
        const restRe = re[c] - dRe;
        const restIm = im[c] - dIm;
        const cRe = sumRe * cos2 - sumIm * sin2;
        const cIm = sumRe * sin2 + sumIm * cos2;
        const eRe = restRe * cos3 - restIm * sin3;
        const eIm = restRe * sin3 + restIm * cos3;
        re[a] = lowRe + cRe;
        im[a] = lowIm + cIm;
        re[c] = lowRe - cRe;
        im[c] = lowIm - cIm;
        re[b] = highRe + eRe;
        im[b] = highIm + eIm;
        re[d] = highRe - eRe;
        im[d] = highIm - eIm;
      }
    }
  }
}

/** Pairs of indices to swap. */
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
