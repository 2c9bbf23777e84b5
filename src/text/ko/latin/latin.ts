import { letterNames } from './letter-names.ts';
import { isInitialism, knownCode, loanword } from './loanwords.ts';
import { transcribe } from './transcribe.ts';

/** Pronounces an English word. Returns `undefined` if it can't. */
export type EnglishPronouncer = (word: string) => readonly string[] | undefined;

/** Parts of a name in mixed case: `YouTube`, `iPhone`, `HTMLElement`. */
const PARTS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;
/** A word that can be read, not only spelled, has a vowel. */
const VOWEL = /[aeiouy]/;

/**
 * Hangul spelling of a Latin word in Korean text: known words and brands from a table, initials letter by letter, other words by the
 * loanword rules from their English pronunciation.
 */
export function readLatin(word: string, english?: EnglishPronouncer): string {
  const bare = word.replace(/['’]/g, '');
  // Two capitals are initials (IT, not it), except for a few words that signs write in capitals.
  if (/^[A-Z]{2}$/.test(bare) && !/^(?:OK|NO|GO|UP|ON|MY|WE|HI|OH)$/.test(bare)) return letterNames(bare);
  const known = loanword(bare);
  if (known !== undefined) return known;
  if (bare.length === 1 || isInitialism(bare.toLowerCase())) return letterNames(bare);
  if (bare === bare.toUpperCase() && bare.length <= 5) return letterNames(bare);
  const parts = bare.match(PARTS) ?? [];
  if (parts.length > 1 && bare !== bare.toUpperCase())
    return parts.map((part) => readLatin(part, english)).join('');
  return sayWord(bare.toLowerCase(), english);
}

function sayWord(word: string, english: EnglishPronouncer | undefined): string {
  const symbols = VOWEL.test(word) ? english?.(word) : undefined;
  const written = symbols && transcribe(symbols);
  return written || letterNames(word);
}

/** A code of letters, digits and signs: from a table, else letters by name and digits as a number or one by one. */
export function readCode(
  code: string,
  readDigits: (digits: string) => string,
  english?: EnglishPronouncer,
): string {
  const known = knownCode(code);
  if (known !== undefined) return known;
  const parts = Array.from(code.matchAll(/[A-Za-z]+|\d+/g), ([part]) => {
    if (/\d/.test(part)) return readDigits(part);
    return part.length <= 3 && loanword(part) === undefined ? letterNames(part) : readLatin(part, english);
  });
  // B2, K5: one letter and a small number are one word.
  return parts.join(/^[A-Za-z]\d{1,2}$/.test(code) ? '' : ' ');
}
