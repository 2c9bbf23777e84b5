import { FRAME_RATE } from './mel.ts';

/** dB below the loud frames down to which a frame counts as sounding: 2 units of normalised log energy, as in the training's statistics. */
const SOUNDING_BELOW_DB = 26.06;
/** Frames kept outside the first and the last sound: 0.15 s, as the training data has. */
const MARGIN = Math.round(0.15 * FRAME_RATE);
/** Frames of a pause that belongs to the speech around it: 0.3 s. */
const SHORT_PAUSE = Math.round(0.3 * FRAME_RATE);
/** Sounding frames in a row without which it is a click: 50 ms. */
const CLICK = Math.round(0.05 * FRAME_RATE);

/** The part of a recording with sound. */
export interface Levels {
  /** [T]: 1 where the frame sounds. */
  readonly sounding: Uint8Array;
  /** Frames from the first to the last sound with a margin; nothing when nothing sounds. */
  readonly start: number;
  readonly end: number;
  /** Frames of speech: sounds and the short pauses between them. */
  readonly spoken: number;
  /** dB between the loud frames (95th percentile) and the quiet ones (5th), digital silence apart. */
  readonly snr: number;
}

/**
 * Finds where a recording sounds and how far that lies above what is between.
 * @param power [T] mean square of each frame.
 */
export function measureLevels(power: Float32Array): Levels {
  const db = power.map((value) => 10 * Math.log10(Math.max(value, 1e-12)));
  // Long silence must not pull the percentiles down: only what comes near the loudest frame counts.
  const loudest = db.reduce((a, b) => Math.max(a, b), -120);
  const audible = db.filter((value) => value > Math.max(loudest - 50, -119));
  const loud = percentile(audible, 95);
  const sounding = Uint8Array.from(db, (value) => Number(value > loud - SOUNDING_BELOW_DB && value > -119));
  dropClicks(sounding);
  const first = sounding.indexOf(1);
  const last = sounding.lastIndexOf(1);
  return {
    sounding,
    start: first < 0 ? 0 : Math.max(0, first - MARGIN),
    end: first < 0 ? 0 : Math.min(power.length, last + 1 + MARGIN),
    spoken: spokenFrames(sounding),
    snr: audible.length ? loud - percentile(audible, 5) : 0,
  };
}

/** Linear between the two nearest values, as numpy.percentile; NaN of nothing. */
export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Runs of equal values: [value, start, end). */
export function runsOf(values: Uint8Array): [number, number, number][] {
  const runs: [number, number, number][] = [];
  for (let t = 0; t < values.length; t++) {
    const run = runs.at(-1);
    if (run && run[0] === values[t]) run[2] = t + 1;
    else runs.push([values[t], t, t + 1]);
  }
  return runs;
}

function dropClicks(sounding: Uint8Array): void {
  for (const [value, start, end] of runsOf(sounding)) {
    if (value && end - start < CLICK) sounding.fill(0, start, end);
  }
}

function spokenFrames(sounding: Uint8Array): number {
  const runs = runsOf(sounding);
  return runs.reduce((sum, [value, start, end], i) => {
    const inner = i > 0 && i < runs.length - 1;
    return value || (inner && end - start <= SHORT_PAUSE) ? sum + end - start : sum;
  }, 0);
}
