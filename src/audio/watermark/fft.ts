/** Samples of a frame: 21 ms at 24 kHz. */
export const FRAME = 512;
/** Samples from frame to frame. */
export const HOP = FRAME / 2;

// Rounded to a grid, since `Math.sin` differs in the last bit between engines.
const onGrid = (value: number) => Math.round(value * 2 ** 40) / 2 ** 40;

/** Sine window. Applied before and after the transform, frames that overlap by half sum to 1. */
export const SINE_WINDOW = Float64Array.from({ length: FRAME }, (_, i) =>
  onGrid(Math.sin((Math.PI * (i + 0.5)) / FRAME)),
);

const COS = Float64Array.from({ length: FRAME / 2 }, (_, k) => onGrid(Math.cos((2 * Math.PI * k) / FRAME)));
const SIN = Float64Array.from({ length: FRAME / 2 }, (_, k) => onGrid(-Math.sin((2 * Math.PI * k) / FRAME)));
const SWAPS = bitReversal();

/**
 * Transforms `re + i im` in place, unscaled: radix 2, decimation in time (Cooley and Tukey 1965). With the arguments swapped it is the
 * inverse transform times the size. Results are equal on every engine.
 */
export function transform(re: Float64Array, im: Float64Array): void {
  for (let i = 0; i < SWAPS.length; i += 2) {
    const [a, b] = [SWAPS[i], SWAPS[i + 1]];
    const [r, m] = [re[a], im[a]];
    re[a] = re[b];
    im[a] = im[b];
    re[b] = r;
    im[b] = m;
  }
  for (let half = 1; half < FRAME; half *= 2) {
    const stride = FRAME / (2 * half);
    for (let start = 0; start < FRAME; start += 2 * half) {
      for (let a = start, w = 0; a < start + half; a++, w += stride) {
        const b = a + half;
        const r = re[b] * COS[w] - im[b] * SIN[w];
        const m = re[b] * SIN[w] + im[b] * COS[w];
        re[b] = re[a] - r;
        im[b] = im[a] - m;
        re[a] += r;
        im[a] += m;
      }
    }
  }
}

/** Pairs of indices to swap. */
function bitReversal(): Uint16Array {
  const swaps: number[] = [];
  for (let i = 1, j = 0; i < FRAME; i++) {
    let bit = FRAME >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) swaps.push(i, j);
  }
  return Uint16Array.from(swaps);
}
