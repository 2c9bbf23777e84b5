import { gainOf } from '../audio/decibels.ts';
import { integratedLoudness } from '../audio/loudness.ts';
import { SAMPLE_RATE, toInt16 } from '../audio/samples.ts';
import { findSound, type Sound } from './join-sound.ts';

/** Speech to be joined, and the pause that follows it. */
export interface JoinPart {
  /** Mono, 24 kHz. */
  readonly samples: Int16Array;
  /** From its last sound to the first of the next part, in ms. Of the last part nothing is taken and nothing added. */
  readonly pauseMs: number;
}

/** Changes with whatever changes the samples of a join: part of a joined rendering's cache key. */
export const JOIN_REVISION = 1;

/** Raised-cosine fades on either side of a seam: 8 ms. */
const FADE = Math.round(0.008 * SAMPLE_RATE);
/** Hundredths of an LU that a part may be louder or softer than all of them together: two parts differ by 1 LU at most. */
const LOUDNESS_TOLERANCE = 50;
/** Hundredths of a decibel that a part is lifted or lowered at most: a single soft word is no fault. */
const MAX_GAIN = 600;

/** `FADE_IN[i]` rises from nearly 0 to nearly 1. */
const FADE_IN = Float64Array.from({ length: FADE }, (_, i) => fadeAt((i + 0.5) / FADE));

/**
 * Joins speech that was made in parts. Each part is cut in the quietest place near its first and last sound, where it fades within
 * 8 ms; between them lies digital silence, so that from sound to sound there are exactly `pauseMs`. (Where a pause is shorter than
 * the quiet that belongs to the sounds, the parts follow each other without silence.) A part that is more than half an LU off the
 * loudness of all has one gain throughout that brings it there. The beginning of the first part and the end of the last stay as they
 * are. Deterministic: the same parts give the same samples on every engine.
 */
export function joinMasters(parts: readonly JoinPart[]): Int16Array {
  const last = parts.length - 1;
  const sounds = parts.map(({ samples }) => findSound(samples));
  const gains = levelGains(parts, sounds);
  const pieces = parts.map(({ samples, pauseMs }, i) => {
    const { from, to, end } = sounds[i];
    const cut = samples.subarray(i === 0 ? 0 : from, i === last ? samples.length : to);
    const quiet = i === last ? 0 : to - end + (sounds[i + 1].start - sounds[i + 1].from);
    const silence = i === last ? 0 : Math.max(0, Math.round((pauseMs * SAMPLE_RATE) / 1000) - quiet);
    return { cut, silence, gain: gains[i], fadeIn: i > 0, fadeOut: i < last };
  });
  const whole = new Int16Array(pieces.reduce((sum, { cut, silence }) => sum + cut.length + silence, 0));
  let at = 0;
  for (const { cut, silence, gain, fadeIn, fadeOut } of pieces) {
    const fade = Math.min(FADE, cut.length >> 1);
    for (let i = 0; i < cut.length; i++) {
      const left = cut.length - 1 - i;
      const rising = fadeIn && i < fade ? FADE_IN[Math.floor((i * FADE) / fade)] : 1;
      const falling = fadeOut && left < fade ? FADE_IN[Math.floor((left * FADE) / fade)] : 1;
      const factor = gain * rising * falling;
      whole[at + i] = factor === 1 ? cut[i] : toInt16((cut[i] * factor) / 32_767);
    }
    at += cut.length + silence;
  }
  return whole;
}

/** One gain for each part, 1 where it is as loud as the others. */
function levelGains(parts: readonly JoinPart[], sounds: readonly Sound[]): readonly number[] {
  const measured = parts.map(({ samples }, i) => {
    const sound = samples.subarray(sounds[i].start, sounds[i].end);
    return { loudness: integratedLoudness(sound, SAMPLE_RATE), length: sound.length, peak: peakOf(sound) };
  });
  const audible = measured.filter(({ loudness }) => Number.isFinite(loudness));
  const power = audible.reduce((sum, { loudness, length }) => sum + length * 10 ** (loudness / 10), 0);
  const target = 10 * Math.log10(power / audible.reduce((sum, { length }) => sum + length, 0));
  return measured.map(({ loudness, peak }) => {
    const off = Math.round(100 * (loudness - target));
    if (!Number.isFinite(off) || Math.abs(off) <= LOUDNESS_TOLERANCE) return 1;
    const wanted = off > 0 ? LOUDNESS_TOLERANCE - off : -LOUDNESS_TOLERANCE - off;
    const gain = gainOf(Math.max(-MAX_GAIN, Math.min(MAX_GAIN, wanted)));
    // Rather a little too soft than clipped.
    return Math.max(Math.min(1, gain), Math.min(gain, 32_767 / peak));
  });
}

function peakOf(samples: Int16Array): number {
  let peak = 1;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

/** On a grid of 2^-36: engines whose `Math.cos` differs in the last bit fade alike. */
function fadeAt(place: number): number {
  return Math.round((0.5 - 0.5 * Math.cos(Math.PI * place)) * 2 ** 36) / 2 ** 36;
}
