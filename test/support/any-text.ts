import fc from 'fast-check';

/** The surrogates, which are no characters. */
const SURROGATES = { first: 0xd800, count: 0x800 } as const;

/**
 * Any Unicode character. `unit: 'binary'` of fast-check has the same characters, but makes a table of all of them, which takes each worker
 * a second and memory that every garbage collection then visits.
 */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - SURROGATES.count }).map(
  (n) => String.fromCodePoint(n < SURROGATES.first ? n : n + SURROGATES.count),
  (char) => {
    if (typeof char !== 'string' || [...char].length !== 1) throw new Error('Not a character.');
    const code = char.codePointAt(0)!;
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);

/** Strings of any Unicode characters. */
export function anyText(lengths: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: anyCharacter, ...lengths });
}
