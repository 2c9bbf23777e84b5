import type { Vibrato } from './score.ts';

/** A note with its place in time. */
export interface SungNote {
  /** Seconds from the start of the audio. */
  readonly start: number;
  readonly end: number;
  /** MIDI note number. */
  readonly pitch: number;
  readonly vibrato?: Vibrato;
}

/** A syllable and the notes that it is sung on. */
export interface SungSyllable {
  /** Symbols of the consonants before the vowel. */
  readonly onset: readonly string[];
  /** The symbol that the notes sound on: a vowel, or in `hmm` a consonant. */
  readonly nucleus: string;
  /** Symbols of the consonants after the vowel. */
  readonly coda: readonly string[];
  /** Whether a word starts with it. */
  readonly begins: boolean;
  /** In order, at least one; more than one is melisma. */
  readonly notes: readonly SungNote[];
}

/** Notes that are sung in one breath. */
export interface SungPhrase {
  readonly syllables: readonly SungSyllable[];
  /** Emotions and weights; absent: the request's. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** Whether there is a breath before it. */
  readonly breath: boolean;
}

/** End of a phrase's last note, in seconds. */
export function phraseEnd({ syllables }: SungPhrase): number {
  return syllables[syllables.length - 1].notes.at(-1)?.end ?? 0;
}
