import { isVowel, stressOf, withStress } from '../symbols.ts';
import type { Dictionary } from './dictionary.ts';
import { letterName } from './letter-names.ts';
import type { LetterToSound } from './letter-to-sound.ts';
import { derive, type Lookup } from './morphology.ts';

/** Where a pronunciation came from. */
export type PronunciationSource = 'dictionary' | 'derived' | 'fallback' | 'spelled';

/** A word's phonemes in citation form. */
export interface Pronunciation {
  readonly symbols: readonly string[];
  readonly from: PronunciationSource;
}

/** Says how single words are pronounced, without regard to their neighbours. */
export interface Pronouncer {
  /**
   * @param word lower case, letters and apostrophes; accents are taken off.
   * @returns `undefined` when nothing in it can be spoken.
   */
  pronounce(word: string): Pronunciation | undefined;
}

/** Maximum number of letters given to the fallback at once, so that very long "words" take linear time. */
const MAX_FALLBACK = 32;

/** Number of cached results, since a name occurs many times in a text. */
const MAX_REMEMBERED = 500;

/**
 * Looks a word up. If it is unknown, derives it from known parts, else applies letter-to-sound rules, else (without a fallback) spells it.
 */
export function createPronouncer(dictionary: Dictionary, fallback?: LetterToSound): Pronouncer {
  const remembered = new Map<string, Pronunciation | undefined>();
  return {
    pronounce(word) {
      const symbols = dictionary.lookup(word);
      if (symbols) return { symbols, from: 'dictionary' };
      if (remembered.has(word)) return remembered.get(word);
      if (remembered.size === MAX_REMEMBERED) remembered.clear();
      const unknown = workOut(plainLetters(word), (part) => dictionary.lookup(part), fallback);
      remembered.set(word, unknown);
      return unknown;
    },
  };
}

function workOut(
  word: string,
  lookup: Lookup,
  fallback: LetterToSound | undefined,
): Pronunciation | undefined {
  if (word === '') return undefined;
  const known = lookup(word);
  if (known) return { symbols: known, from: 'dictionary' };
  const derived = word.length <= 2 * MAX_FALLBACK ? derive(word, lookup) : undefined;
  if (derived) return { symbols: derived, from: 'derived' };
  const letters = word.replaceAll("'", '');
  if (fallback && letters.length > 1 && /[aeiouy]/.test(letters)) {
    return { symbols: soundOut(letters, fallback), from: 'fallback' };
  }
  return { symbols: Array.from(letters).flatMap((letter) => letterName(letter) ?? []), from: 'spelled' };
}

function soundOut(letters: string, fallback: LetterToSound): string[] {
  const symbols: string[] = [];
  for (let start = 0; start < letters.length; start += MAX_FALLBACK) {
    symbols.push(...stressed(fallback.pronounce(letters.slice(start, start + MAX_FALLBACK))));
  }
  return symbols;
}

/** Every word has at least one primary stress: without one, the first secondary stress or else the first vowel gets it. */
function stressed(symbols: readonly string[]): readonly string[] {
  if (symbols.some((symbol) => stressOf(symbol) === 1)) return symbols;
  let place = symbols.findIndex((symbol) => stressOf(symbol) === 2);
  if (place < 0) place = symbols.findIndex((symbol) => isVowel(symbol));
  return symbols.map((symbol, i) => (i === place ? withStress(symbol, 1) : symbol));
}

const FOLDED: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ß: 'ss',
  ł: 'l',
  đ: 'd',
  ð: 'th',
  þ: 'th',
  ı: 'i',
  '’': "'",
};

/** `café` → `cafe`: the Latin letters of a word without their accents, with apostrophes inside only. */
function plainLetters(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z']/g, (mark) => FOLDED[mark] ?? '')
    .replace(/^'+|'+$/g, '');
}
