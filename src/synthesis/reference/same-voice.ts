import { framePower } from './energy.ts';
import { measureLevels } from './levels.ts';
import { FRAME_RATE, HOP } from './mel.ts';
import type { StyleSpace } from './style-id.ts';

/** Dimensions that every style has from the same reader: they do not distinguish voices. */
const OF_THE_READER = ['slope', 'rate', 'pauses', 'breathiness'];

/** Likeness from which two recordings count as one speaker. {@link CALIBRATION} has the error rates. */
export const SAME_VOICE = 0.65;
/**
 * Below this, two halves of a recording, or a recording and the others, count as of two speakers. Lower than {@link SAME_VOICE}, so that
 * hardly an honest recording is refused.
 */
export const ONE_VOICE = 0.5;

/** Errors at {@link SAME_VOICE}, measured on recordings with so many seconds of speech. */
export interface ErrorRates {
  readonly seconds: number;
  /** Share of the pairs of two speakers that counted as one. */
  readonly falseAccept: number;
  /** Share of the pairs of one speaker that counted as two. */
  readonly falseReject: number;
}

/**
 * Measured with sori-2 0.8.0 on the 14 speakers of `scripts/train/held-out-speakers.txt` (Mandarin accents, children among them), in pairs of
 * passages of speechocean of 5 s and a little more: 84 of one speaker and 1456 of two (`scripts/train/sori2/release/likeness.py`). One session and one
 * microphone per speaker: other rooms and microphones cost more.
 */
export const CALIBRATION: readonly ErrorRates[] = [{ seconds: 3, falseAccept: 0.043, falseReject: 0.048 }];

/** The {@link CALIBRATION} for recordings of this many seconds. */
export function errorRatesOf(seconds: number): ErrorRates {
  return CALIBRATION.findLast((rates) => rates.seconds <= seconds) ?? CALIBRATION[0];
}

/**
 * How alike the voices of two styles are: the cosine between their places on the axes along which speakers differ; in a model without such
 * axes between the styles themselves, in standard deviations from the mean of all voices, without what no recording decides. 1 is the
 * same; strangers are about 0.
 * @param places the manifest's `style.statistics`.
 */
export function voiceLikeness(
  a: Float32Array,
  b: Float32Array,
  { style: { mean, scale, likeness } }: StyleSpace,
  places: Readonly<Record<string, number | undefined>>,
): number {
  if (likeness) return cosine(placeOf(a, likeness), placeOf(b, likeness));
  const ignored = new Set(OF_THE_READER.map((name) => places[name]));
  const standard = (style: Float32Array) =>
    Array.from(style, (value, i) => (ignored.has(i) ? 0 : (value - mean[i]) / scale[i]));
  return cosine(standard(a), standard(b));
}

function placeOf(
  style: Float32Array,
  { mean, axes }: NonNullable<StyleSpace['style']['likeness']>,
): number[] {
  return axes.map((axis) => axis.reduce((sum, weight, i) => sum + weight * (style[i] - mean[i]), 0));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i], 0);
  const length = Math.sqrt(product(a, a) * product(b, b));
  return length > 0 ? product(a, b) / length : 0;
}

/** The mean of styles. */
export function meanStyle(styles: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(styles[0].length);
  for (const style of styles) for (let i = 0; i < sum.length; i++) sum[i] += style[i];
  return Float32Array.from(sum, (value) => value / styles.length);
}

/** Seconds of speech that a half needs to be compared. */
const HALF_SECONDS = 3.1;

/**
 * Cuts a recording in two with as much speech in each.
 * @param samples mono, 24 kHz.
 * @returns `undefined` when there is too little speech in it to compare its halves.
 */
export function halvesOf(samples: Float32Array): readonly [Float32Array, Float32Array] | undefined {
  const { sounding, start, end, spoken } = measureLevels(framePower(samples));
  if (spoken < 2 * HALF_SECONDS * FRAME_RATE) return undefined;
  let left = sounding.reduce((sum, value) => sum + value, 0) / 2;
  let middle = start;
  while (middle < end && left > 0) left -= sounding[middle++];
  return [samples.slice(start * HOP, middle * HOP), samples.slice(middle * HOP, end * HOP)];
}
