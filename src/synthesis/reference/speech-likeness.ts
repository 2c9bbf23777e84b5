import { FRAME_RATE, MELS } from './mel.ts';

/** Frames over which a note counts as held: 150 ms, within 0.4 semitones. */
const NOTE = Math.round(0.15 * FRAME_RATE);
const HELD_SEMITONES = 0.4;
/** Frames between the spectra that are compared: 75 ms, about the length of a speech sound. */
const CHANGE = 6;

/** Measurements that distinguish speech from music, tones and noise. */
export interface SpeechLikeness {
  /** Share of the sounding frames that have a pitch. */
  readonly voiced: number;
  /** Share of the voiced frames that belong to a note held for 150 ms or longer. */
  readonly held: number;
  /** Standard deviation of the sounding frames' level, in dB. */
  readonly levelRange: number;
  /** Mean change of the smoothed spectrum, level apart, within 75 ms; in units of normalised log-mel. */
  readonly change: number;
  /** Spectral flatness of the sounding frames' mel spectrum below 7 kHz, 0 to 1. */
  readonly flatness: number;
}

/**
 * Measures a recording; all arrays are of the same frames.
 * @param mel [T, 100] normalised log-mel.
 * @param f0 [T] Hz, 0 where unvoiced.
 * @param power [T] mean square.
 * @param sounding [T] 1 where the frame sounds.
 */
export function measureLikeness(
  mel: Float32Array,
  f0: Float32Array,
  power: Float32Array,
  sounding: Uint8Array,
): SpeechLikeness {
  const frames = [...sounding.keys()].filter((t) => sounding[t]);
  const voiced = frames.filter((t) => f0[t] > 0);
  const db = power.map((value) => 10 * Math.log10(Math.max(value, 1e-12)));
  return {
    voiced: voiced.length / Math.max(1, frames.length),
    held: heldFrames(f0) / Math.max(1, voiced.length),
    levelRange: deviation(frames.map((t) => db[t])),
    change: spectralChange(mel, sounding),
    flatness: flatnessOf(mel, frames),
  };
}

function heldFrames(f0: Float32Array): number {
  const held = new Uint8Array(f0.length);
  for (let t = 0; t + NOTE <= f0.length; t++) {
    const window = f0.subarray(t, t + NOTE);
    let [low, high] = [Number.POSITIVE_INFINITY, 0];
    for (const hz of window) {
      low = Math.min(low, hz);
      high = Math.max(high, hz);
    }
    if (low > 0 && 12 * Math.log2(high / low) < HELD_SEMITONES) held.fill(1, t, t + NOTE);
  }
  return held.reduce((sum, value) => sum + value, 0);
}

const BANDS = 70;
/** Bands that are averaged into one, so that single harmonics don't count. */
const WIDTH = 7;

function spectralChange(mel: Float32Array, sounding: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let t = 1; t + CHANGE + 1 < sounding.length; t++) {
    if (!sounding[t] || !sounding[t + CHANGE]) continue;
    const [a, b] = [envelope(mel, t), envelope(mel, t + CHANGE)];
    sum += Math.sqrt(a.reduce((total, value, i) => total + (value - b[i]) ** 2, 0) / a.length);
    count++;
  }
  return count ? sum / count : 0;
}

/** Ten broad bands of three frames, less their mean. */
function envelope(mel: Float32Array, frame: number): number[] {
  const bands = Array.from({ length: BANDS / WIDTH }, () => 0);
  for (let t = frame - 1; t <= frame + 1; t++) {
    for (let k = 0; k < BANDS; k++) bands[Math.floor(k / WIDTH)] += mel[t * MELS + k] / (3 * WIDTH);
  }
  const mean = bands.reduce((sum, value) => sum + value, 0) / bands.length;
  return bands.map((value) => value - mean);
}

function flatnessOf(mel: Float32Array, frames: readonly number[]): number {
  let sum = 0;
  for (const t of frames) {
    let [log, linear] = [0, 0];
    for (let k = 0; k < BANDS; k++) {
      const value = 2 * 2.2 * mel[t * MELS + k];
      log += value / BANDS;
      linear += Math.exp(value) / BANDS;
    }
    sum += Math.exp(log) / linear;
  }
  return frames.length ? sum / frames.length : 0;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length));
}
