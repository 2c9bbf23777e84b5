import { bessel0 } from './bessel.ts';

/**
 * Oversampling factor. ITU-R BS.1770-4, annex 2, requires 192 kHz, which is 8 times 24 kHz. A peak between two points is then
 * underestimated by at most 0.17 dB up to 10.8 kHz.
 */
const PHASES = 8;
/** Half the length of the interpolation filter, in samples. */
const REACH = 16;
const ROWS = interpolators();
/** Upper bound for the ratio of an interpolated point to the largest sample. */
const OVERSHOOT = Math.max(...ROWS.map((row) => row.reduce((sum, tap) => sum + Math.abs(tap), 0)));

/** Samples that share one entry in {@link truePeaks}. */
export const PEAK_GROUP = REACH;

/**
 * True peaks of a signal, by groups: entry g is the largest magnitude from sample 16 (g - 1) up to, but not including, sample 16 g. The
 * first group is before the signal, which is silent beyond its ends.
 * @param floor magnitudes up to this value may be reported as 0, which saves time for most of a recording.
 * @param peaks receives the entries `from` to `to` - 1, in units of the samples. `groupsOf` returns how many a signal has.
 */
export function truePeaks(
  samples: Int16Array,
  floor: number,
  { from, to }: { from: number; to: number },
  peaks: Float32Array,
): void {
  const near = new Float64Array(3 * REACH);
  for (let group = from; group < to; group++) peaks[group] = peakOfGroup(samples, group, floor, near);
}

/** Groups of a signal of `length` samples. */
export function groupsOf(length: number): number {
  return Math.ceil(length / PEAK_GROUP) + 1;
}

/** The largest true peak of a whole signal, full scale (32767) being 1; 10^(-1 / 20) is -1 dBTP. */
export function truePeak(samples: Int16Array): number {
  const near = new Float64Array(3 * REACH);
  let highest = 0;
  for (let group = 0; group < groupsOf(samples.length); group++) {
    highest = Math.max(highest, peakOfGroup(samples, group, highest, near));
  }
  return highest / 32_767;
}

/** @param near room for the group's samples and those to both sides of it: all that its points are made of. */
function peakOfGroup(samples: Int16Array, group: number, floor: number, near: Float64Array): number {
  const start = (group - 2) * REACH;
  let bound = 0;
  for (let i = 0; i < near.length; i++) {
    const at = start + i;
    const sample = at >= 0 && at < samples.length ? samples[at] : 0;
    near[i] = sample;
    bound = Math.max(bound, Math.abs(sample));
  }
  if (bound * OVERSHOOT <= floor) return 0;
  let peak = 0;
  for (let centre = REACH; centre < 2 * REACH; centre++) {
    peak = Math.max(peak, Math.abs(near[centre]));
    for (const row of ROWS) {
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k] * near[centre - REACH + 1 + k];
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return peak;
}

/**
 * One row of taps for each point between two samples: windowed sinc, Kaiser window for 60 dB. Taps are multiples of 2^-24 as in
 * decimate.ts, since `Math.sin` differs in the last bit between engines.
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
