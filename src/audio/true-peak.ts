import { bessel0 } from './bessel.ts';

/**
 * Points looked at for each sample. ITU-R BS.1770-4, annex 2, asks for 192 kHz, which is 8 times 24 kHz; a peak between two
 * points is then missed by 0.17 dB at most up to 10.8 kHz.
 */
const PHASES = 8;
/** Samples that a point between two others looks to either side. */
const REACH = 16;
const ROWS = interpolators();
/** How far a point between samples can pass them all. */
const OVERSHOOT = Math.max(...ROWS.map((row) => row.reduce((sum, tap) => sum + Math.abs(tap), 0)));

/**
 * True peaks of part of a signal: the largest magnitude among sample i and the points up to sample i + 1. Beyond its ends the
 * signal counts as silence.
 * @param floor magnitudes up to here don't matter: 0 may stand for them. Most of a recording costs next to nothing so.
 * @returns one value for each of `from` (may be negative) to `to` - 1, in units of the samples.
 */
export function truePeaks(samples: Int16Array, from: number, to: number, floor: number): Float64Array {
  const peaks = new Float64Array(to - from);
  const near = new Float64Array(peaks.length + 2 * REACH);
  const start = Math.max(0, from - REACH);
  const end = Math.min(samples.length, to + REACH);
  for (let i = start; i < end; i++) near[i - from + REACH] = samples[i];
  const highest = Float64Array.from({ length: Math.ceil(near.length / REACH) }, (_, block) =>
    largestMagnitude(near, block * REACH, Math.min((block + 1) * REACH, near.length)),
  );
  for (let at = 0; at < peaks.length; at += REACH) {
    // Samples of this block and of the blocks to both sides of it: all that its points are made of.
    const block = at / REACH;
    const bound = Math.max(highest[block], highest[block + 1], highest[block + 2] ?? 0);
    if (bound * OVERSHOOT <= floor) continue;
    for (let i = at; i < Math.min(at + REACH, peaks.length); i++) peaks[i] = peakAfter(near, i + REACH);
  }
  return peaks;
}

/** The largest true peak of a whole signal, full scale (32767) being 1; 10^(-1 / 20) is -1 dBTP. */
export function truePeak(samples: Int16Array): number {
  let highest = 0;
  for (let from = -REACH; from < samples.length; from += 2 ** 14) {
    const to = Math.min(from + 2 ** 14, samples.length);
    for (const peak of truePeaks(samples, from, to, highest)) highest = Math.max(highest, peak);
  }
  return highest / 32_767;
}

function peakAfter(near: Float64Array, centre: number): number {
  let peak = Math.abs(near[centre]);
  for (const row of ROWS) {
    let sum = 0;
    for (let k = 0; k < row.length; k++) sum += row[k] * near[centre - REACH + 1 + k];
    peak = Math.max(peak, Math.abs(sum));
  }
  return peak;
}

function largestMagnitude(values: Float64Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/**
 * One row of taps for each point between two samples: windowed sinc, Kaiser window for 60 dB. Taps sit on a grid of 2^-24 as in
 * decimate.ts, so that engines whose `Math.sin` differs in the last bit see the same peaks.
 */
function interpolators(): Float64Array[] {
  const beta = 0.1102 * (60 - 8.7);
  return Array.from({ length: PHASES - 1 }, (_, i) =>
    Float64Array.from({ length: 2 * REACH }, (_, k) => {
      const distance = k - REACH + 1 - (i + 1) / PHASES;
      const window = bessel0(beta * Math.sqrt(1 - (distance / REACH) ** 2)) / bessel0(beta);
      const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
      return Math.round(sinc * window * 2 ** 24) / 2 ** 24;
    }),
  );
}
