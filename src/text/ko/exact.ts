import { PHRASE_BOUNDARY, TUNE_MARKS } from '../symbols.ts';
import { koreanIpa } from './ipa.ts';
import { isKoreanVowel, KOREAN_SYMBOLS } from './symbols.ts';

/** A Korean word in the symbols of the model. */
export interface ExactWord {
  /** Its sounds, and the mark of its tune if it ends a phrase. */
  readonly symbols: readonly string[];
  /** Does a new accentual phrase begin after it? */
  readonly phrase: boolean;
}

const SOUNDS = KOREAN_SYMBOLS.map(({ symbol }) => symbol).sort((a, b) => b.length - a.length);
/** Symbols and marks that English words don't have. */
const KOREAN_ONLY = /[ɯɰɕʑ↘↗↓→|]|\u0348|\u031a/u;

/**
 * Reads a word in the symbols of src/text/ko/symbols.ts, as `POST /v1/audio/phonemes` writes it: each sound is spoken as written. A mark
 * of tune and `|` may follow.
 * @returns undefined for a word with another symbol or with a syllable that Korean can't have.
 * @example
 * exactKorean('k͈ot̚|'); // { symbols: ['k͈', 'o', 't̚'], phrase: true }
 */
export function exactKorean(written: string): ExactWord | undefined {
  const word = written.normalize('NFD');
  const phrase = word.endsWith(PHRASE_BOUNDARY);
  const marked = phrase ? word.slice(0, -1) : word;
  const tune = marked.slice(-1);
  const hasTune = TUNE_MARKS.has(tune);
  const sounds = (hasTune ? marked.slice(0, -1) : marked).replaceAll('.', '');
  const symbols: string[] = [];
  for (let at = 0; at < sounds.length; ) {
    const sound = SOUNDS.find((symbol) => sounds.startsWith(symbol, at));
    if (sound === undefined) return undefined;
    symbols.push(sound);
    at += sound.length;
  }
  if (!isSpeakable(symbols)) return undefined;
  return { symbols: hasTune ? [...symbols, tune] : symbols, phrase };
}

/** Has each syllable a vowel, with one consonant at most before it and one after it? */
function isSpeakable(symbols: readonly string[]): boolean {
  const glides = new Set(['j', 'w', 'ɰ']);
  const shape = symbols
    .filter((symbol) => !glides.has(symbol))
    .map((symbol) => (isKoreanVowel(symbol) ? 'V' : 'C'))
    .join('');
  return /^C?V(?:C{0,2}V)*C?$/.test(shape);
}

/** Whether phonemes are those of Korean: a word of them has a symbol that English lacks, and all of it can be read as Korean. */
export function looksKorean(words: readonly string[]): boolean {
  return words.some((word) => KOREAN_ONLY.test(word.normalize('NFD')) && hangulOfWord(word) !== undefined);
}

/** A word of phonemes as Hangul, marks of tune and phrase left out. */
export function hangulOfWord(word: string): string | undefined {
  return koreanIpa(word.replace(/[↘↗↓→|]/gu, ''));
}
