import { framePower } from './energy.ts';
import { measureLevels } from './levels.ts';
import { FRAME_RATE, HOP } from './mel.ts';
import type { StyleSpace } from './style-id.ts';

/** Dimensions that every style has from the same reader: they tell nothing of whose voice it is. */
const OF_THE_READER = ['slope', 'rate', 'pauses', 'breathiness'];

/** From this likeness on, two recordings count as of one speaker. {@link CALIBRATION} says how often that is wrong. */
export const SAME_VOICE = 0.55;
/**
 * Below this, two halves of a recording, or a recording and the others, count as of two speakers. Lower than {@link SAME_VOICE}: no
 * honest recording should be refused (0 of 110 pairs of halves of 3 s were), and 3.5 % of the pairs of two speakers pass.
 */
export const ONE_VOICE = 0.4;

/** Errors at {@link SAME_VOICE}, measured on recordings with so many seconds of speech. */
export interface ErrorRates {
  readonly seconds: number;
  /** Share of the pairs of two speakers that counted as one. */
  readonly falseAccept: number;
  /** Share of the pairs of one speaker that counted as two. */
  readonly falseReject: number;
}

/**
 * Measured with sori-1 2.0.0 on the 14 speakers of `scripts/train/held-out-speakers.txt` (Mandarin accents, children among them), in
 * pairs of passages of speechocean: 630 of one speaker and 9100 of two at 3 s, 496 and 7130 at 6 s, 121 and 1895 at 12 s. One session and
 * one microphone per speaker: other rooms and microphones cost more. The threshold is where both errors of 6 s meet, about; chosen on
 * seven of the speakers at random and measured on the other seven, errors are 1.3 % and 0.9 % on average of 20 draws.
 */
export const CALIBRATION: readonly ErrorRates[] = [
  { seconds: 3, falseAccept: 0.011, falseReject: 0.051 },
  { seconds: 6, falseAccept: 0.011, falseReject: 0.004 },
  { seconds: 12, falseAccept: 0.009, falseReject: 0 },
];

/** The {@link CALIBRATION} that holds for recordings of so many seconds. */
export function errorRatesOf(seconds: number): ErrorRates {
  return CALIBRATION.findLast((rates) => rates.seconds <= seconds) ?? CALIBRATION[0];
}

/**
 * How alike the voices of two styles are: the cosine between them in standard deviations from the mean of all voices, without what no
 * recording decides. 1 is the same; strangers are about 0.
 * @param places the manifest's `style.statistics`.
 */
export function voiceLikeness(
  a: Float32Array,
  b: Float32Array,
  { style: { mean, scale } }: StyleSpace,
  places: Readonly<Record<string, number | undefined>>,
): number {
  const ignored = new Set(OF_THE_READER.map((name) => places[name]));
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (ignored.has(i)) continue;
    const x = (a[i] - mean[i]) / scale[i];
    const y = (b[i] - mean[i]) / scale[i];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  const length = Math.sqrt(ofA * ofB);
  return length > 0 ? both / length : 0;
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
