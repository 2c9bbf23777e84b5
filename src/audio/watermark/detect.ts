import { resample } from '../resample.ts';
import { SAMPLE_RATE } from '../samples.ts';
import { PLACES, unexpectedLevels } from './cells.ts';
import { CODED_BITS, decode } from './code.ts';
import { BANDS, NARROW_BANDS, type Pattern, patternOf, SLOTS } from './pattern.ts';
import type { WatermarkOptions, WatermarkResult } from './types.ts';

/**
 * Score from which a recording counts as marked. In unmarked audio, the score of one try has a standard normal distribution, since the
 * signs of the pattern are independent of it; it passes 5.5 in 2 of 10^8 tries. A segment takes 768 tries (384 offsets, with and without
 * the bands above the telephone band), so at most 15 in a million unmarked segments count as marked.
 */
export const THRESHOLD = 5.5;
/** Cells of a segment: 10 s. Longer recordings are searched in segments that overlap by half. */
const STRETCH = 470;
/** Number of best candidates whose payload is decoded. */
const READ = 4;

/** A comparison of the pattern with the audio at one offset. */
interface Try {
  readonly score: number;
  readonly levels: Float64Array;
  /** Index of the first cell in the pattern. */
  readonly phase: number;
  readonly bands: number;
}

/**
 * Searches a recording for the watermark of `embedWatermark`. The recording may be cut anywhere. A watermark is not found where the speed
 * differs by more than half a percent.
 * @param samples mono, nominally in [-1, 1].
 * @param sampleRate in Hz, from 8000 up.
 */
export function detectWatermark(
  samples: Float32Array,
  sampleRate: number,
  { key }: WatermarkOptions = {},
): WatermarkResult {
  const pattern = patternOf(key);
  const wide = resample(samples, sampleRate, SAMPLE_RATE);
  let best: Try[] = [];
  for (let place = 0; place < PLACES; place++) {
    for (const stretch of stretchesOf(unexpectedLevels(wide, place))) {
      best.push(...triesOf(folded(stretch), pattern));
      best = best.sort((a, b) => b.score - a.score).slice(0, READ);
    }
  }
  const [{ score }] = best;
  if (score < THRESHOLD) return { found: false, score };
  for (const candidate of best) {
    const payload = candidate.score >= THRESHOLD ? read(candidate, pattern) : undefined;
    if (payload) return { found: true, score, payload };
  }
  return { found: true, score };
}

function stretchesOf(rows: readonly Float64Array[]): (readonly Float64Array[])[] {
  if (rows.length <= STRETCH) return [rows];
  const stretches: (readonly Float64Array[])[] = [];
  for (let from = 0; from + STRETCH / 2 < rows.length; from += STRETCH / 2) {
    stretches.push(rows.slice(from, from + STRETCH));
  }
  return stretches;
}

/** Sum over all periods of the pattern. Sounds that themselves repeat every second are counted once. */
function folded(rows: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(SLOTS * BANDS);
  rows.forEach((row, i) => {
    const at = (i % SLOTS) * BANDS;
    for (let band = 0; band < BANDS; band++) sum[at + band] += row[band];
  });
  return sum;
}

/** Best phase for the telephone bands, and best phase for all bands. */
function triesOf(levels: Float64Array, { signs, bits }: Pattern): Try[] {
  let narrow: Try = { score: 0, levels, phase: 0, bands: NARROW_BANDS };
  let all: Try = { score: 0, levels, phase: 0, bands: BANDS };
  for (let phase = 0; phase < SLOTS; phase++) {
    const sums = [0, 0];
    const squares = [0, 0];
    for (let slot = 0; slot < SLOTS; slot++) {
      const row = ((slot + phase) % SLOTS) * BANDS;
      for (let band = 0; band < BANDS; band++) {
        if (bits[row + band] >= 0) continue;
        const value = levels[slot * BANDS + band];
        const side = band < NARROW_BANDS ? 0 : 1;
        sums[side] += signs[row + band] * value;
        squares[side] += value * value;
      }
    }
    const scoreOf = (sum: number, square: number) => (square > 0 ? sum / Math.sqrt(square) : 0);
    const [inNarrow, inAll] = [
      scoreOf(sums[0], squares[0]),
      scoreOf(sums[0] + sums[1], squares[0] + squares[1]),
    ];
    if (inNarrow > narrow.score) narrow = { ...narrow, score: inNarrow, phase };
    if (inAll > all.score) all = { ...all, score: inAll, phase };
  }
  return [narrow, all];
}

function read({ levels, phase, bands }: Try, { signs, bits }: Pattern): Uint8Array | undefined {
  const soft = new Float64Array(CODED_BITS);
  for (let slot = 0; slot < SLOTS; slot++) {
    const row = ((slot + phase) % SLOTS) * BANDS;
    for (let band = 0; band < bands; band++) {
      const bit = bits[row + band];
      if (bit >= 0) soft[bit] += signs[row + band] * levels[slot * BANDS + band];
    }
  }
  return decode(soft);
}
