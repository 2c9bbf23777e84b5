import { gainOf } from '../decibels.ts';
import { integratedLoudness } from '../loudness.ts';
import { SAMPLE_RATE, toInt16 } from '../samples.ts';
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

/** What joining needs to know of a part, so that the others need not be in memory. */
export interface PartSound extends Sound {
  /** Samples of the part. */
  readonly length: number;
  /** Integrated loudness of its sound in LUFS; null when it is too quiet to tell. */
  readonly loudness: number | null;
  /** Largest absolute sample of its sound; 1 at least. */
  readonly peak: number;
}

/** Where a part lies in the whole, and what is done to it. */
export interface JoinedPiece {
  /** First sample in the whole. */
  readonly at: number;
  /** Samples of the whole, the silence behind it included. */
  readonly length: number;
  /** What is taken of the part. */
  readonly from: number;
  readonly to: number;
  readonly gain: number;
  readonly fadeIn: boolean;
  readonly fadeOut: boolean;
}

/** Listens to a part. */
export function soundOf(samples: Int16Array): PartSound {
  const sound = findSound(samples);
  const heard = samples.subarray(sound.start, sound.end);
  const loudness = integratedLoudness(heard, SAMPLE_RATE);
  return {
    ...sound,
    length: samples.length,
    loudness: Number.isFinite(loudness) ? loudness : null,
    peak: peakOf(heard),
  };
}

/**
 * Says how parts are joined. Each part is cut in the quietest place near its first and last sound, where it fades within
 * 8 ms; between them lies digital silence, so that from sound to sound there are exactly `pausesMs`. (Where a pause is shorter than
 * the quiet that belongs to the sounds, the parts follow each other without silence.) A part that is more than half an LU off the
 * loudness of all has one gain throughout that brings it there. The beginning of the first part and the end of the last stay as they
 * are.
 */
export function planJoin(parts: readonly PartSound[], pausesMs: readonly number[]): readonly JoinedPiece[] {
  const last = parts.length - 1;
  const gains = levelGains(parts);
  let at = 0;
  return parts.map(({ from, end, to, length }, i) => {
    const cut = { from: i === 0 ? 0 : from, to: i === last ? length : to };
    const quiet = i === last ? 0 : to - end + (parts[i + 1].start - parts[i + 1].from);
    const silence = i === last ? 0 : Math.max(0, Math.round((pausesMs[i] * SAMPLE_RATE) / 1000) - quiet);
    const piece = {
      at,
      length: cut.to - cut.from + silence,
      ...cut,
      gain: gains[i],
      fadeIn: i > 0,
      fadeOut: i < last,
    };
    at += piece.length;
    return piece;
  });
}

/** A part as it is in the whole, with the silence behind it. */
export function renderPiece(
  samples: Int16Array,
  { length, from, to, gain, fadeIn, fadeOut }: JoinedPiece,
): Int16Array {
  const piece = new Int16Array(length);
  const cut = samples.subarray(from, to);
  const fade = Math.min(FADE, cut.length >> 1);
  for (let i = 0; i < cut.length; i++) {
    const left = cut.length - 1 - i;
    const rising = fadeIn && i < fade ? FADE_IN[Math.floor((i * FADE) / fade)] : 1;
    const falling = fadeOut && left < fade ? FADE_IN[Math.floor((left * FADE) / fade)] : 1;
    const factor = gain * rising * falling;
    piece[i] = factor === 1 ? cut[i] : toInt16((cut[i] * factor) / 32_767);
  }
  return piece;
}

/**
 * Joins speech that was made in parts, as {@link planJoin} says. Deterministic: the same parts give the same samples on every engine.
 */
export function joinMasters(parts: readonly JoinPart[]): Int16Array {
  const plan = planJoin(
    parts.map(({ samples }) => soundOf(samples)),
    parts.map(({ pauseMs }) => pauseMs),
  );
  const whole = new Int16Array(plan.reduce((sum, { length }) => sum + length, 0));
  plan.forEach((piece, i) => {
    whole.set(renderPiece(parts[i].samples, piece), piece.at);
  });
  return whole;
}

/** One gain for each part, 1 where it is as loud as the others. */
function levelGains(parts: readonly PartSound[]): readonly number[] {
  let power = 0;
  let length = 0;
  for (const { loudness, start, end } of parts) {
    if (loudness === null) continue;
    power += (end - start) * 10 ** (loudness / 10);
    length += end - start;
  }
  const target = 10 * Math.log10(power / length);
  return parts.map(({ loudness, peak }) => {
    const off = loudness === null ? Number.NaN : Math.round(100 * (loudness - target));
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
