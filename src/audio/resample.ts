import { atOnce, type Work } from '../base/turns.ts';
import { bessel0 } from './bessel.ts';

/** Zero crossings of the sinc to either side. */
const CROSSINGS = 48;
/** Cutoff (-6 dB) relative to the Nyquist frequency of the lower rate. */
const CUTOFF = 0.965;
/** Kaiser window for 90 dB. */
const BETA = 0.1102 * (90 - 8.7);
/** Maximum number of phases. Rate ratios that need more interpolate between neighbouring phases, with an error below -100 dB. */
const MAX_PHASES = 1024;
/** Samples computed in one turn of the event loop: some milliseconds. */
const SAMPLES_AT_ONCE = 2 ** 13;

/**
 * Changes the sample rate with a polyphase windowed-sinc filter: linear phase, no delay (output n is at time n / to). From 48 kHz to 24 kHz
 * it is flat within 0.01 dB up to 10.8 kHz and attenuates by at least 85 dB from 12.4 kHz; other ratios scale with the lower rate. Beyond
 * its ends the signal is silent.
 * @param samples mono, at `from` Hz.
 * @returns ceil(samples * to / from) samples at `to` Hz.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  return atOnce(resampleWork(samples, from, to));
}

/** {@link resample}, part by part. */
export function* resampleWork(samples: Float32Array, from: number, to: number): Work<Float32Array> {
  if (from === to) return samples.slice();
  const { reach, at } = createFilterBank(from, to);
  const width = 2 * reach;
  const padded = new Float32Array(samples.length + 2 * width);
  padded.set(samples, width);
  const output = new Float32Array(Math.ceil((samples.length * to) / from));
  for (let n = 0; n < output.length; n++) {
    if (n % SAMPLES_AT_ONCE === 0 && n > 0) yield;
    // Exact in doubles: whole numbers well below 2^53.
    const whole = Math.floor((n * from) / to);
    output[n] = at(padded, whole + width - reach + 1, n);
  }
  return output;
}

/** The filters of one change of rate. */
export interface FilterBank {
  /** Half the length of a filter, in input samples. */
  readonly reach: number;
  /** Output sample `n`, from the `2 * reach` samples of `signal` from `start` on. */
  readonly at: (signal: Float32Array, start: number, n: number) => number;
}

/**
 * Windowed-sinc low-pass, one row for each position of an output between two inputs (Oppenheim & Schafer, "Discrete-Time Signal
 * Processing", section 7.5).
 */
export function createFilterBank(from: number, to: number): FilterBank {
  const phases = Math.min(to / greatestCommonDivisor(from, to), MAX_PHASES);
  // Cycles per input sample.
  const cutoff = (CUTOFF * Math.min(from, to)) / 2 / from;
  const half = CROSSINGS / (2 * cutoff);
  const reach = Math.ceil(half);
  // Row p is for outputs p / phases of an input sample past an input.
  const rows = Array.from({ length: phases + 1 }, (_, phase) => {
    const row = new Float64Array(2 * reach);
    for (let k = 0; k < row.length; k++) {
      const distance = k - reach + 1 - phase / phases;
      const inside = 1 - (distance / half) ** 2;
      row[k] = inside > 0 ? sinc(2 * cutoff * distance) * bessel0(BETA * Math.sqrt(inside)) : 0;
    }
    const gain = row.reduce((sum, tap) => sum + tap, 0);
    return row.map((tap) => tap / gain);
  });
  const at = (signal: Float32Array, start: number, n: number): number => {
    const whole = Math.floor((n * from) / to);
    const place = ((n * from - whole * to) / to) * phases;
    const phase = exactOrFloor(place);
    const rest = place - phase;
    const near = dot(signal, start, rows[phase]);
    return rest < 1e-9 ? near : near + rest * (dot(signal, start, rows[phase + 1]) - near);
  };
  return { reach, at };
}

function dot(signal: Float32Array, start: number, taps: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < taps.length; k++) sum += signal[start + k] * taps[k];
  return sum;
}

/** Keeps the rounding of a quotient from selecting the phase before an exact one. */
function exactOrFloor(place: number): number {
  const nearest = Math.round(place);
  return Math.abs(place - nearest) < 1e-9 ? nearest : Math.floor(place);
}

function sinc(x: number): number {
  return Math.abs(x) < 1e-12 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
