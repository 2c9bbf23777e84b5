import { decompose, type Syllable } from '../hangul.ts';

/** A syllable on its way from spelling to sound. */
export interface Sound extends Syllable {
  /** Boundary before it: inside a word, between the words of a compound, or a space. */
  readonly before: 'inside' | 'compound' | 'word';
  /** It always begins with a tense consonant. */
  tense: boolean;
  /** It always keeps its lenis consonant. */
  lenis: boolean;
  /** It begins with an added ㄴ. */
  nieun: boolean;
  /** The final ㄺ is said ㄹ before ㄱ, as in verbs and adjectives. */
  readonly predicate: boolean;
  /** As written. */
  readonly written: string;
  /** Index of its word in the phrase, and its own in the word. */
  readonly word: number;
  readonly place: number;
  /** It is the particle 의. */
  genitive: boolean;
}

/** Takes the Hangul syllables of a word apart. */
export function soundsOf(text: string, word: number, predicate: boolean): Sound[] {
  const sounds: Sound[] = [];
  for (const char of text) {
    const syllable = decompose(char);
    if (!syllable) continue;
    const before = sounds.length > 0 ? 'inside' : 'word';
    sounds.push({
      ...syllable,
      before,
      tense: false,
      lenis: false,
      nieun: false,
      predicate,
      written: char,
      word,
      place: sounds.length,
      genitive: false,
    });
  }
  return sounds;
}
