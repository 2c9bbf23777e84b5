import { Fft } from '../../base/fft.ts';

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

const fft = new Fft(FRAME, onGrid);

/** Transforms a frame, see {@link Fft.transform}. Results are equal on every engine. */
export function transform(re: Float64Array, im: Float64Array): void {
  fft.transform(re, im);
}
