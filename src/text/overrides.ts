import { parseIpa } from './ipa.ts';
import type { Span } from './types.ts';

/** A stretch of the text that the request itself says how to pronounce. */
export interface Override {
  readonly span: Span;
  readonly words: readonly (readonly string[])[];
}

/** Finds the words of a request's `pronunciations` in its text. */
export type OverrideFinder = (text: string) => readonly Override[];

const WORD = String.raw`[\p{L}\p{N}\p{M}]`;

/**
 * @param pronunciations word or phrase, any case, to IPA; matched against the text as written, so `C++` and `K8s` work too.
 *   Where several fit, the longest wins. A possessive `'s` may follow.
 * @throws {SoriError} `invalid_pronunciation`, param `pronunciations`, for IPA that can't be read or a blank word.
 */
export function findOverrides(pronunciations: Readonly<Record<string, string>>): OverrideFinder {
  const words = new Map<string, readonly (readonly string[])[]>();
  for (const [word, ipa] of Object.entries(pronunciations)) {
    const key = fold(word);
    if (key !== '') words.set(key, parseIpa(ipa));
  }
  if (words.size === 0) return () => [];
  const alternatives = [...words.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).map(pattern);
  const finder = new RegExp(alternatives.join('|'), 'giu');
  return (text) =>
    Array.from(text.matchAll(finder), (match) => ({
      span: { start: match.index, end: match.index + match[0].length },
      words: words.get(fold(match[0])) ?? [],
    })).filter(({ words }) => words.length > 0);
}

/** A word is matched whole: no letter or digit may touch it where it has one itself. */
function pattern(key: string): string {
  const escaped = key
    .replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
    .replace(/ /g, String.raw`\s`)
    .replace(/'/g, "['’]");
  const before = new RegExp(`^${WORD}`, 'u').test(key) ? `(?<!${WORD})` : '';
  const after = new RegExp(`${WORD}$`, 'u').test(key) ? `(?!${WORD})` : '';
  return `${before}${escaped}${after}`;
}

function fold(word: string): string {
  return word.trim().toLowerCase().replace(/\s/g, ' ').replaceAll('’', "'");
}
