import { isVowel, stressOf, withStress } from '../symbols.ts';
import type { Dictionary } from './dictionary.ts';
import { letterName } from './letter-names.ts';
import type { LetterToSound } from './letter-to-sound.ts';
import { derive, type Lookup, withS } from './morphology.ts';
import { readName } from './names/names.ts';
import { respelled } from './spellings.ts';
import { wordPair } from './word-pairs.ts';

/** Source of a pronunciation. */
export type PronunciationSource = 'dictionary' | 'derived' | 'fallback' | 'spelled';

/** A word's phonemes in citation form. */
export interface Pronunciation {
  readonly symbols: readonly string[];
  readonly from: PronunciationSource;
}

/** Pronounces single words, independent of their neighbours. */
export interface Pronouncer {
  /**
   * @param word lower case, letters and apostrophes, without accents.
   * @param written the word as in the text: its capital and its accents indicate a name and its language.
   * @returns `undefined` when nothing in it can be spoken.
   */
  pronounce(word: string, written?: string): Pronunciation | undefined;
}

/** Maximum number of letters given to the fallback at once, so that very long "words" take linear time. */
const MAX_FALLBACK = 32;

/** Number of cached results, since a name occurs many times in a text. */
const MAX_REMEMBERED = 500;

/**
 * Looks a word up. If it is unknown, derives it from known parts, else applies letter-to-sound rules, else (without a fallback) spells it.
 */
export function createPronouncer(
  dictionary: Pick<Dictionary, 'lookup'>,
  fallback?: LetterToSound,
): Pronouncer {
  const remembered = new Map<string, Pronunciation | undefined>();
  return {
    pronounce(word, written = word) {
      const name = nameOf(word, written);
      const symbols = name && TELLING.test(name) ? undefined : dictionary.lookup(word);
      if (symbols) return { symbols, from: 'dictionary' };
      const key = name ?? word;
      if (remembered.has(key)) return remembered.get(key);
      if (remembered.size === MAX_REMEMBERED) remembered.clear();
      const unknown = workOut(plainLetters(word), name, (part) => dictionary.lookup(part), fallback);
      remembered.set(key, unknown);
      return unknown;
    },
  };
}

/** Marks that make another sound of a letter: `Peña` is not read as `Pena` is in the dictionary. */
const TELLING = /[ñšśčćžźżřłęąňńäöüß]/i;

/** Capital letter first, the rest small or none. */
const CAPITALIZED = /^\p{Lu}[\p{L}'’]*$/u;

/** The word with a capital and with its accents, where it is written like a name; `undefined` for others. */
function nameOf(word: string, written: string): string | undefined {
  if (!CAPITALIZED.test(written)) return undefined;
  const letters = written.normalize('NFC').toLowerCase().replaceAll('’', "'").replace(/'s$/, '');
  const stem = plainLetters(word).replace(/'s$/, '');
  return plainLetters(letters) === stem
    ? `${letters[0].toUpperCase()}${letters.slice(1)}${word.endsWith("'s") ? "'s" : ''}`
    : undefined;
}

function workOut(
  word: string,
  name: string | undefined,
  lookup: Lookup,
  fallback: LetterToSound | undefined,
): Pronunciation | undefined {
  if (word === '') return undefined;
  const known = name && TELLING.test(name) ? readName(name.toLowerCase()) : undefined;
  if (known) return { symbols: known, from: 'fallback' };
  const found = lookup(word);
  if (found) return { symbols: found, from: 'dictionary' };
  if (word.length <= 2 * MAX_FALLBACK) {
    const worked = fromParts(word, name, lookup);
    if (worked) return worked;
  }
  if (/[a-z]'s$/.test(word)) {
    const stem = workOut(word.slice(0, -2), name?.slice(0, -2), lookup, fallback);
    if (stem) return { ...stem, symbols: withS(stem.symbols) };
  }
  const letters = word.replaceAll("'", '');
  if (fallback && letters.length > 1 && /[aeiouy]/.test(letters)) {
    return { symbols: soundOut(letters, fallback), from: 'fallback' };
  }
  return { symbols: Array.from(letters).flatMap((letter) => letterName(letter) ?? []), from: 'spelled' };
}

/** By rules: known parts, an American spelling, the spelling of a name's language. */
function fromParts(word: string, name: string | undefined, lookup: Lookup): Pronunciation | undefined {
  const accented = name !== undefined && /[^\x00-\x7f]/.test(name);
  const foreign = () => {
    const symbols = name === undefined ? undefined : readName(name.toLowerCase());
    return symbols && ({ symbols, from: 'fallback' } as const);
  };
  // `Müller` is no `mull` with an ending.
  const accentedName = accented ? foreign() : undefined;
  if (accentedName) return accentedName;
  const withParts: Lookup = (part) => lookup(part) ?? derive(part, lookup);
  const symbols = derive(word, lookup) ?? respelled(word, withParts) ?? wordPair(word, withParts);
  return symbols ? { symbols, from: 'derived' } : foreign();
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
