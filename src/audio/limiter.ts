import { toInt16 } from './samples.ts';
import { PEAK_GROUP } from './true-peak.ts';

/** Seconds before and after a peak within which the gain goes down to what it needs and back. */
const REACH_SECONDS = 0.02;
/** Gains sit on this grid, as whole numbers, so that their sums are exact and a gain of 1 stays 1. */
const ONE = 2 ** 24;

/** What {@link limitTruePeak} needs to know. */
export interface LimiterOptions {
  readonly sampleRate: number;
  /** Factor on every sample, before the limiter. */
  readonly gain: number;
  /** Highest true peak of the result, full scale being 1. */
  readonly ceiling: number;
  /** The signal's true peaks before the gain, as `truePeaks` tells them; those under the ceiling may be 0. */
  readonly peaks: Float32Array;
}

/**
 * Amplifies part of a signal and takes its gain back around true peaks that would pass the ceiling. The gain's curve has no delay: the
 * least gain that is needed within 20 ms to either side, smoothed by a triangle of the same width. So it is at each peak what that
 * peak needs, or less, and the full gain wherever no such peak is within 40 ms.
 * @param output gets samples `from` to `to` - 1, each at its place; where the gain is 1, unchanged.
 */
export function limitTruePeak(
  samples: Int16Array,
  { from, to }: { from: number; to: number },
  { sampleRate, gain, ceiling, peaks }: LimiterOptions,
  output: Int16Array,
): void {
  const half = Math.round((REACH_SECONDS * sampleRate) / 2);
  const reach = 4 * half;
  // In units of the samples before the gain.
  const most = (ceiling * 32_767) / gain;
  if (!passes(peaks, most, from - reach, to + reach)) {
    for (let i = from; i < to; i++) output[i] = toInt16((samples[i] * gain) / 32_767);
    return;
  }
  const needed = new Float64Array(to - from + 2 * reach);
  for (let i = 0; i < needed.length; i++) {
    const peak = peakAt(peaks, from - reach + i);
    needed[i] = peak > most ? Math.floor((most / peak) * ONE) : ONE;
  }
  const width = 2 * half + 1;
  const smooth = movingSum(movingSum(movingMinimum(needed, 4 * half + 1), width), width);
  for (let i = from; i < to; i++) {
    const factor = gain * (smooth[i - from] / (width * width * ONE));
    output[i] = toInt16((samples[i] * factor) / 32_767);
  }
}

function passes(peaks: Float32Array, most: number, from: number, to: number): boolean {
  for (let at = from; at < to + PEAK_GROUP; at += PEAK_GROUP) if (peakAt(peaks, at) > most) return true;
  return false;
}

/** The peak around a sample: of its own group and, where it is the first of that, the group before. */
function peakAt(peaks: Float32Array, at: number): number {
  const group = Math.floor(at / PEAK_GROUP) + 1;
  const own = group >= 0 && group < peaks.length ? peaks[group] : 0;
  return at % PEAK_GROUP === 0 && group > 0 && group <= peaks.length ? Math.max(own, peaks[group - 1]) : own;
}

/** Sums of `width` neighbours, which are whole numbers: exact. */
function movingSum(values: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(values.length - width + 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    if (i >= width) sum -= values[i - width];
    if (i >= width - 1) sums[i - width + 1] = sum;
  }
  return sums;
}

/**
 * Least of `width` neighbours: of the minima from each place on to the end of its stretch of `width` and from the start of the next
 * stretch on (van Herk, "A fast algorithm for local minimum and maximum filters", 1992).
 */
function movingMinimum(values: Float64Array, width: number): Float64Array {
  const ahead = values.slice();
  const back = values.slice();
  for (let i = 1; i < values.length; i++) if (i % width !== 0) back[i] = Math.min(back[i], back[i - 1]);
  for (let i = values.length - 2; i >= 0; i--) {
    if ((i + 1) % width !== 0) ahead[i] = Math.min(ahead[i], ahead[i + 1]);
  }
  const minima = new Float64Array(values.length - width + 1);
  for (let i = 0; i < minima.length; i++) minima[i] = Math.min(ahead[i], back[i + width - 1]);
  return minima;
}
