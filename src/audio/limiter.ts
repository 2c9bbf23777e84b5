import { toInt16 } from './samples.ts';
import { PEAK_GROUP } from './true-peak.ts';

/** Seconds before and after a peak within which the gain falls and rises again. */
const REACH_SECONDS = 0.02;
/** Gains are whole multiples of 1 / this number, so their sums are exact and a gain of 1 stays 1. */
const ONE = 2 ** 24;

/** Options of {@link TruePeakLimiter}. */
export interface LimiterOptions {
  readonly sampleRate: number;
  /** Highest true peak of the result, full scale being 1. */
  readonly ceiling: number;
  /** True peaks of the signal, as `truePeaks` returns them. Peaks that stay under the ceiling with every gain may be 0. */
  readonly peaks: Float32Array;
}

/**
 * Amplifies a signal, piece by piece, and reduces the gain around true peaks that would pass the ceiling. The gain curve has no delay: it
 * is the lowest gain needed within 20 ms to either side, smoothed by a triangle of the same width. At each peak the gain is low enough for
 * that peak; where no peak is within 40 ms, it is the full gain.
 */
export class TruePeakLimiter {
  readonly #samples: Int16Array;
  readonly #options: LimiterOptions;
  /** Half the width of each of the two boxes whose convolution is the triangle. */
  readonly #half: number;
  /** Buffer of the gain curve, reused for each piece. */
  #curve = new Float64Array(0);
  #aside = new Float64Array(0);

  /** @param samples not changed. */
  constructor(samples: Int16Array, options: LimiterOptions) {
    this.#samples = samples;
    this.#options = options;
    this.#half = Math.round((REACH_SECONDS * options.sampleRate) / 2);
  }

  /**
   * Amplifies samples `from` to `to` - 1. Where the gain is 1 they don't change.
   * @param gain factor on every sample, before the limiter.
   * @param output gets them, each at its place.
   */
  amplify(gain: number, { from, to }: { from: number; to: number }, output: Int16Array): void {
    const samples = this.#samples;
    // In units of the samples before the gain.
    const most = (this.#options.ceiling * 32_767) / gain;
    if (!this.#passes(most, from, to)) {
      for (let i = from; i < to; i++) output[i] = toInt16((samples[i] * gain) / 32_767);
      return;
    }
    const curve = this.#gainCurve(most, from, to);
    const one = (2 * this.#half + 1) ** 2 * ONE;
    for (let i = from; i < to; i++) {
      output[i] = toInt16((samples[i] * gain * (curve[i - from] / one)) / 32_767);
    }
  }

  #passes(most: number, from: number, to: number): boolean {
    const { peaks } = this.#options;
    const reach = 4 * this.#half;
    for (let at = from - reach; at < to + reach + PEAK_GROUP; at += PEAK_GROUP) {
      if (peakAt(peaks, at) > most) return true;
    }
    return false;
  }

  /** @returns the gain at each sample, in units of ONE times the square of a box's width. */
  #gainCurve(most: number, from: number, to: number): Float64Array {
    const reach = 4 * this.#half;
    const width = 2 * this.#half + 1;
    const length = to - from + 2 * reach;
    if (this.#curve.length < length) {
      this.#curve = new Float64Array(length);
      this.#aside = new Float64Array(length);
    }
    const curve = this.#curve.subarray(0, length);
    for (let i = 0; i < length; i++) {
      const peak = peakAt(this.#options.peaks, from - reach + i);
      curve[i] = peak > most ? Math.floor((most / peak) * ONE) : ONE;
    }
    const minima = movingMinimum(curve, 2 * width - 1, this.#aside.subarray(0, length));
    return movingSum(movingSum(minima, width, this.#aside), width, curve);
  }
}

/** Peak around a sample: of its own group and, for the first sample of a group, of the group before. */
function peakAt(peaks: Float32Array, at: number): number {
  const group = Math.floor(at / PEAK_GROUP) + 1;
  const own = group >= 0 && group < peaks.length ? peaks[group] : 0;
  return at % PEAK_GROUP === 0 && group > 0 && group <= peaks.length ? Math.max(own, peaks[group - 1]) : own;
}

/** Sums of `width` neighbours, which are whole numbers: exact. @returns a view of `sums`. */
function movingSum(values: Float64Array, width: number, sums: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    if (i >= width) sum -= values[i - width];
    if (i >= width - 1) sums[i - width + 1] = sum;
  }
  return sums.subarray(0, values.length - width + 1);
}

/**
 * Least of `width` neighbours: of the minima from each place on to the end of its stretch of `width` and from the start of the next
 * stretch on (van Herk, "A fast algorithm for local minimum and maximum filters", 1992).
 * @param values overwritten.
 * @param back room for as many.
 * @returns a view of `values`.
 */
function movingMinimum(values: Float64Array, width: number, back: Float64Array): Float64Array {
  back.set(values);
  for (let i = 1; i < back.length; i++) if (i % width !== 0) back[i] = Math.min(back[i], back[i - 1]);
  for (let i = values.length - 2; i >= 0; i--) {
    if ((i + 1) % width !== 0) values[i] = Math.min(values[i], values[i + 1]);
  }
  const minima = values.subarray(0, values.length - width + 1);
  for (let i = 0; i < minima.length; i++) minima[i] = Math.min(minima[i], back[i + width - 1]);
  return minima;
}
