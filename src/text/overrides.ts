import { type IpaAccent, parseIpa } from './ipa.ts';
import type { Span } from './types.ts';

/** A part of the text with a pronunciation in the request. */
export interface Override {
  readonly span: Span;
  readonly words: readonly (readonly string[])[];
}

/** Finds the words of a request's `pronunciations` in its text. */
export type OverrideFinder = (text: string) => readonly Override[];

const WORD = /^[\p{L}\p{N}\p{M}]$/u;

/**
 * Looks each place of the text up in a table of the words: a pattern of a hundred alternatives would take a tenth of a second to
 * compile, at every request anew.
 * @param pronunciations word or phrase, any case, to IPA; matched against the text as written, so `C++` and `K8s` work too.
 *   Where several fit, the longest wins. A possessive `'s` may follow.
 * @throws {SoriError} `invalid_pronunciation`, param `pronunciations`, for IPA that can't be read or a blank word.
 */
export function findOverrides(
  pronunciations: Readonly<Record<string, string>>,
  accent?: IpaAccent,
): OverrideFinder {
  const words = new Map<string, readonly (readonly string[])[]>();
  for (const [word, ipa] of Object.entries(pronunciations)) {
    const key = fold(word.trim());
    if (key !== '') words.set(key, parseIpa(ipa, 'pronunciations', accent));
  }
  if (words.size === 0) return () => [];
  const lengths = lengthsByStart(words.keys());
  return (text) => {
    const folded = fold(text);
    const found: Override[] = [];
    for (let start = 0; start < folded.length; ) {
      const length = lengths
        .get(folded[start])
        ?.find(
          (each) => words.has(folded.slice(start, start + each)) && isWhole(folded, start, start + each),
        );
      if (length === undefined) {
        start++;
        continue;
      }
      const end = start + length;
      const symbols = words.get(folded.slice(start, end)) ?? [];
      if (symbols.length > 0) found.push({ span: { start, end }, words: symbols });
      start = end;
    }
    return found;
  };
}

/** Lengths of the words that begin with a character, the longest first. */
function lengthsByStart(keys: Iterable<string>): ReadonlyMap<string, readonly number[]> {
  const lengths = new Map<string, Set<number>>();
  for (const key of keys) lengths.set(key[0], (lengths.get(key[0]) ?? new Set()).add(key.length));
  return new Map([...lengths].map(([start, set]) => [start, [...set].sort((a, b) => b - a)]));
}

/** A word is matched whole: no letter or digit may touch it where it has one itself. */
function isWhole(text: string, start: number, end: number): boolean {
  const touches = (inside: string | undefined, outside: string | undefined) =>
    inside !== undefined && outside !== undefined && WORD.test(inside) && WORD.test(outside);
  return (
    !touches(characterAt(text, start), characterBefore(text, start)) &&
    !touches(characterBefore(text, end), characterAt(text, end))
  );
}

function characterAt(text: string, at: number): string | undefined {
  const code = text.codePointAt(at);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

function characterBefore(text: string, at: number): string | undefined {
  const isPair = /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(0, at - 2), at));
  return characterAt(text, at - (isPair ? 2 : 1));
}

/** Makes a text comparable without moving a character: lower case, white space and apostrophes each of one kind. */
function fold(text: string): string {
  return text.replace(/[^\0-@[-`{-~]|[A-Z]|\s/gu, (character) => {
    if (/\s/.test(character)) return ' ';
    if (character === '’') return "'";
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  });
}
