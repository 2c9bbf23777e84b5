import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOverrides } from '../../../src/text/overrides.ts';

const spans = (words: readonly string[], text: string) =>
  findOverrides(Object.fromEntries(words.map((word) => [word, 'ə'])))(text).map(({ span }) =>
    text.slice(span.start, span.end),
  );

describe('pronunciations of a request', () => {
  it.each<[string, readonly string[], string, readonly string[]]>([
    ['any case', ['sori'], 'SORI, Sori and sori', ['SORI', 'Sori', 'sori']],
    ['whole words', ['cat'], 'cat concatenate cats cat', ['cat', 'cat']],
    ['a possessive', ['cat'], "The cat’s and the cat's", ['cat', 'cat']],
    ['signs', ['c++', 'k8s', '.net'], 'C++ and K8s on ASP.NET or .NET', ['C++', 'K8s', '.NET', '.NET']],
    ['phrases, over any white space', ['new york'], 'New\nYork and new york', ['New\nYork', 'new york']],
    ['the longest', ['new', 'new york'], 'New York is new', ['New York', 'new']],
    ['apostrophes of both kinds', ["o'hare", 'd’arcy'], "O’Hare and D'Arcy", ['O’Hare', "D'Arcy"]],
    ['other scripts', ['소리', 'über'], '소리 ÜBER 소리가', ['소리', 'ÜBER']],
    ['letters of two units', ['𐐨𐐩'], 'a 𐐨𐐩 x𐐨𐐩', ['𐐨𐐩']],
    ['one after another', ['a', 'b'], 'a b a', ['a', 'b', 'a']],
    ['a letter that grows in lower case', ['i'], 'İ i', ['i']],
  ])('%s', (_, words, text, found) => {
    expect(spans(words, text)).toEqual(found);
  });

  it('match where an equivalent regular expression matches', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'B', 'é', '1', '+', ' ', "'"),
      minLength: 1,
      maxLength: 4,
    });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'É', '1', '+', ' ', '’', 'A'), maxLength: 30 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), text, (words, input) => {
        const keys = [
          ...new Set(words.map((each) => each.trim().toLowerCase()).filter((each) => each !== '')),
        ];
        expect(spans(words, input)).toEqual(byPattern(keys, input));
      }),
    );
  });
});

/** The same check as a regular expression. */
function byPattern(keys: readonly string[], text: string): string[] {
  if (keys.length === 0) return [];
  const letter = '[\\p{L}\\p{N}\\p{M}]';
  const alternatives = [...keys]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((key) => {
      const escaped = key.replace(/\+/g, '\\+').replace(/ /g, '\\s').replace(/'/g, "['’]");
      const before = new RegExp(`^${letter}`, 'u').test(key) ? `(?<!${letter})` : '';
      const after = new RegExp(`${letter}$`, 'u').test(key) ? `(?!${letter})` : '';
      return `${before}${escaped}${after}`;
    });
  return Array.from(text.matchAll(new RegExp(alternatives.join('|'), 'giu')), ([match]) => match);
}
