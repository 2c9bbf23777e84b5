import { FRAME, HOP, SINE_WINDOW, transform } from './fft.ts';
import { BANDS, CELL_BINS, CELL_FRAMES, FIRST_BIN } from './pattern.ts';

/** Samples between the tried offsets of cells. A finer step finds little more. */
export const STEP = 64;
/** Offsets within a cell. */
export const PLACES = (CELL_FRAMES * HOP) / STEP;
/** Additional bands on either side. The lowest begins at 0 Hz. */
const MARGIN = FIRST_BIN / CELL_BINS;
const ROW = BANDS + 2 * MARGIN;
/** Maximum weight of a cell in nepers, so that holes in the spectrum don't dominate. */
const MOST = 0.8;
/** Power that counts as silence: 75 dB below a frame of a full-scale tone. */
const FLOOR = 1e-7;

// The sine window applied twice is a Hann window, which keeps loud partials out of weak cells.
const WINDOW = SINE_WINDOW.map((value) => value * value);

/**
 * Difference between each cell and a prediction from its neighbours, in nepers. It removes most of the speech and keeps almost all of the
 * watermark.
 * @param samples at 24 kHz.
 * @param place of {@link PLACES}: where the first cell begins.
 * @returns rows of {@link BANDS}, a row for each cell in time.
 */
export function unexpectedLevels(samples: Float32Array, place: number): Float64Array[] {
  const levels = cellLevels(samples, place * STEP);
  return levels.map((_, slot) => {
    const row = new Float64Array(BANDS);
    // Without neighbours there is no prediction.
    if (slot === 0 || slot === levels.length - 1) return row;
    const [before, here, after] = [levels[slot - 1], levels[slot], levels[slot + 1]];
    for (let band = 0; band < BANDS; band++) {
      const value = here[band + MARGIN] - expected(before, here, after, band + MARGIN);
      row[band] = Math.max(-MOST, Math.min(MOST, value));
    }
    return row;
  });
}

/** Weights from a least-squares fit on synthesized speech, rounded. They sum to 1. */
function expected(before: Float64Array, here: Float64Array, after: Float64Array, at: number): number {
  return (
    0.29 * (before[at] + after[at]) +
    0.16 * (here[at - 1] + here[at + 1]) +
    0.21 * (here[at - 2] + here[at + 2]) -
    0.05 * (before[at - 1] + before[at + 1] + after[at - 1] + after[at + 1]) -
    0.03 * (before[at - 2] + before[at + 2] + after[at - 2] + after[at + 2])
  );
}

/** Mean log amplitude of each cell. */
function cellLevels(samples: Float32Array, from: number): Float64Array[] {
  const length = CELL_FRAMES * HOP;
  const cells = Math.max(0, Math.floor((samples.length - from - HOP) / length));
  const re = new Float64Array(FRAME);
  const im = new Float64Array(FRAME);
  return Array.from({ length: cells }, (_, cell) => {
    const start = from + cell * length;
    // Two real frames are transformed as one complex frame.
    for (let n = 0; n < FRAME; n++) {
      re[n] = samples[start + n] * WINDOW[n];
      im[n] = samples[start + HOP + n] * WINDOW[n];
    }
    transform(re, im);
    const row = new Float64Array(ROW);
    for (let k = 0; k < ROW * CELL_BINS; k++) {
      const other = (FRAME - k) % FRAME;
      const first = (re[k] + re[other]) ** 2 + (im[k] - im[other]) ** 2;
      const second = (im[k] + im[other]) ** 2 + (re[other] - re[k]) ** 2;
      const product = (first / 4 + FLOOR) * (second / 4 + FLOOR);
      row[Math.floor(k / CELL_BINS)] += Math.log(product) / (2 * CELL_FRAMES * CELL_BINS);
    }
    return row;
  });
}
