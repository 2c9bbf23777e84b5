import { resample } from '../../audio/resample.ts';
import { inTurns } from '../../base/turns.ts';
import { cleanPitch } from '../../synthesis/reference/clean-pitch.ts';
import { pitchWork } from '../../synthesis/reference/track-pitch.ts';

/** Hz of the pitch tracker. */
const TRACKED_RATE = 24_000;
/** Voiced frames of 12.5 ms without which a range is not measured: half a second. */
const LEAST_VOICED = 40;
/** Standard deviation of ln F0 of usual speech: three semitones. Used for voices without a measured one. */
export const USUAL_RANGE = 0.173;
/** Factors on the range of the voice. */
const RANGE_LIMITS = [0.5, 2] as const;
/** Speeds that a segment may have in order to last as long as its source. */
const SPEED_LIMITS = [0.75, 1.4] as const;

/**
 * How much wider the pitch range of a segment is than that of the voice.
 * @param samples mono.
 * @param usual standard deviation of ln F0 of the voice.
 * @returns a factor from 0.5 to 2; 1 if too little is voiced.
 */
export async function pitchRangeOf(
  samples: Float32Array,
  sampleRate: number,
  usual: number,
  signal: AbortSignal,
): Promise<number> {
  const sound = resample(samples, sampleRate, TRACKED_RATE);
  const f0 = cleanPitch(await inTurns(pitchWork(sound), signal));
  const voiced = Array.from(f0)
    .filter((hz) => hz > 0)
    .map(Math.log);
  if (voiced.length < LEAST_VOICED || usual <= 0) return 1;
  const mean = voiced.reduce((sum, value) => sum + value, 0) / voiced.length;
  const variance = voiced.reduce((sum, value) => sum + (value - mean) ** 2, 0) / voiced.length;
  return within(Math.sqrt(variance) / usual, RANGE_LIMITS);
}

/**
 * The speed at which speech lasts as long as its source.
 * @param natural seconds at speed 1.
 * @param wanted seconds.
 */
export function speedFor(natural: number, wanted: number): number {
  return wanted > 0 ? within(natural / wanted, SPEED_LIMITS) : 1;
}

/** Seconds between two segments that stay where the source leaves less or none. */
const LEAST_PAUSE = 0.15;

/** Where segments begin. */
export interface Placing {
  /** Seconds at which the last segment ended in the translation, and in the source. */
  readonly spokenEnd: number;
  readonly sourceEnd: number;
}

/**
 * When a segment begins.
 * @param start seconds at which it begins in the source.
 * @param pauses keeps the source's pauses as long as they are; otherwise a segment begins when its source does, or as soon as the last one has ended.
 */
export function beginOf(start: number, { spokenEnd, sourceEnd }: Placing, pauses: boolean): number {
  const pause = Math.max(0, start - sourceEnd);
  if (pauses) return spokenEnd + pause;
  return spokenEnd === 0 ? start : Math.max(start, spokenEnd + Math.min(pause, LEAST_PAUSE));
}

const within = (value: number, [least, most]: readonly [number, number]): number =>
  Math.round(Math.min(most, Math.max(least, value)) * 1000) / 1000;
