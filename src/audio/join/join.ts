import { gainOf } from '../decibels.ts';
import { integratedLoudness } from '../loudness.ts';
import { SAMPLE_RATE, toInt16 } from '../samples.ts';
import { findSound, type Sound } from './join-sound.ts';

/** Speech to join, and the pause after it. */
export interface JoinPart {
  /** Mono, 24 kHz. */
  readonly samples: Int16Array;
  /** Pause from its last sound to the first sound of the next part, in ms. Ignored for the last part. */
  readonly pauseMs: number;
}

/** Version of the algorithm, part of the cache key of joined renderings. Change it when joined samples change. */
export const JOIN_REVISION = 1;

/** Raised-cosine fades on either side of a seam: 8 ms. */
const FADE = Math.round(0.008 * SAMPLE_RATE);
/** Maximum difference between a part and the whole, in hundredths of an LU, so that two parts differ by at most 1 LU. */
const LOUDNESS_TOLERANCE = 50;
/** Maximum gain of a part in hundredths of a decibel, up or down. A single soft word may stay soft. */
const MAX_GAIN = 600;

/** `FADE_IN[i]` rises from nearly 0 to nearly 1. */
const FADE_IN = Float64Array.from({ length: FADE }, (_, i) => fadeAt((i + 0.5) / FADE));

/** Measurements of a part. With them the parts need not be in memory at the same time. */
export interface PartSound extends Sound {
  /** Samples of the part. */
  readonly length: number;
  /** Integrated loudness of its sound in LUFS; null if it is too quiet to measure. */
  readonly loudness: number | null;
  /** Largest absolute sample of its sound, at least 1. */
  readonly peak: number;
}

/** Position of a part in the result, and its processing. */
export interface JoinedPiece {
  /** First sample in the result. */
  readonly at: number;
  /** Samples in the result, including the silence after it. */
  readonly length: number;
  /** Used range of the part. */
  readonly from: number;
  readonly to: number;
  readonly gain: number;
  readonly fadeIn: boolean;
  readonly fadeOut: boolean;
}

/** Measures a part. */
export function soundOf(samples: Int16Array): PartSound {
  const sound = findSound(samples);
  const audible = samples.subarray(sound.start, sound.end);
  const loudness = integratedLoudness(audible, SAMPLE_RATE);
  return {
    ...sound,
    length: samples.length,
    loudness: Number.isFinite(loudness) ? loudness : null,
    peak: peakOf(audible),
  };
}

/**
 * Plans how parts are joined. Each part is cut at the quietest position near its first and last sound, with fades of 8 ms. Digital silence
 * fills the pause to exactly `pausesMs` from sound to sound; where a pause is shorter than the quiet margins of the sounds, no silence is
 * added. A part whose loudness differs by more than half an LU from that of all parts gets one constant gain. The start of the first part
 * and the end of the last are unchanged.
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

/** A part of the result, with the silence after it. */
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
 * Joins parts of speech as {@link planJoin} describes. Deterministic: the same parts give the same samples on every engine.
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
    // A part stays slightly too soft where the full gain would clip.
    return Math.max(Math.min(1, gain), Math.min(gain, 32_767 / peak));
  });
}

function peakOf(samples: Int16Array): number {
  let peak = 1;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

/** Rounds to a multiple of 2^-36, since `Math.cos` differs in the last bit between engines. */
function fadeAt(place: number): number {
  return Math.round((0.5 - 0.5 * Math.cos(Math.PI * place)) * 2 ** 36) / 2 ** 36;
}
