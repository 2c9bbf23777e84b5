import type { Manifest } from '../../shards/manifest.ts';
import type { VoiceStyle } from '../style/voice.ts';
import { pitchName, pitchOf } from './score.ts';

/** Hz of a style's pitch 0: the training data's reference. */
const REFERENCE_HZ = 160;
/**
 * Semitones above a voice's speaking pitch that it sings well. Higher notes are clean, but their words are not: with 19, Whisper's word errors
 * grow on the songs that then lie higher, from 25 to 42 % and from 65 to 82 % (scripts/singing/measure.py). Below, it is a standard deviation of the pitch of its speech.
 */
const COMFORT_ABOVE = 14;
/** Least and greatest number of semitones below. */
const COMFORT_BELOW = { least: 3, most: 6 } as const;
/** Semitones from the speaking pitch to the ends of what a voice sings at all. */
const LIMIT = { below: 12, above: 24 } as const;
/** Lowest and highest MIDI number of any voice: D2, and C6, whose harmonics are too far apart for vowels. */
const LOWEST = 38;
const HIGHEST = 84;

/** Lowest and highest note, MIDI numbers. */
export interface PitchRange {
  readonly low: number;
  readonly high: number;
}

/** What a voice can sing. */
export interface VocalRange {
  /** Its comfortable range. */
  readonly comfortable: PitchRange;
  /** Beyond it notes are refused. */
  readonly possible: PitchRange;
}

/** Hz at which a voice speaks on average. */
function speakingPitch({ style: { statistics } }: Pick<Manifest, 'style'>, { style }: VoiceStyle): number {
  return REFERENCE_HZ * Math.exp(style[statistics.pitch]);
}

/** Range of a voice, from the mean and the deviation of the pitch of its speech. */
export function vocalRange(manifest: Pick<Manifest, 'style'>, voice: VoiceStyle): VocalRange {
  const { style } = voice;
  const { statistics } = manifest.style;
  const speaking = pitchOf(speakingPitch(manifest, voice));
  const deviation = (style[statistics.pitchRange] * 12) / Math.LN2;
  const below = Math.max(COMFORT_BELOW.least, Math.min(COMFORT_BELOW.most, deviation));
  const around = ({ below, above }: { readonly below: number; readonly above: number }): PitchRange => ({
    low: Math.max(LOWEST, Math.round(speaking - below)),
    high: Math.min(HIGHEST, Math.round(speaking + above)),
  });
  return { comfortable: around({ below, above: COMFORT_ABOVE }), possible: around(LIMIT) };
}

/** Lowest and highest of some pitches; `undefined` of none. */
export function spanOf(pitches: readonly number[]): PitchRange | undefined {
  if (pitches.length === 0) return undefined;
  return pitches.reduce<PitchRange>(
    ({ low, high }, pitch) => ({ low: Math.min(low, pitch), high: Math.max(high, pitch) }),
    { low: pitches[0], high: pitches[0] },
  );
}

/** A range as people read it: `C4 to G5`. */
export function rangeName({ low, high }: PitchRange): string {
  return `${pitchName(low)} to ${pitchName(high)}`;
}

/**
 * The transposition that brings spans of notes into ranges: octaves before others since they keep the key, small before large.
 * @param spans what the parts sing.
 * @param ranges where each is to lie.
 * @returns semitones; `undefined` when there is none within two octaves.
 */
export function transposition(
  spans: readonly PitchRange[],
  ranges: readonly PitchRange[],
): number | undefined {
  const fits = (shift: number) =>
    spans.every(
      ({ low, high }, i) => low + shift >= ranges[i].low - 0.5 && high + shift <= ranges[i].high + 0.5,
    );
  const octaves = [0, -12, 12, -24, 24];
  const others = Array.from({ length: 24 }, (_, i) => [-i - 1, i + 1]).flat();
  return [...octaves, ...others].find(fits);
}
