import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { pairEncode } from '../../../../scripts/lexicon/byte-pairs.ts';
import type { Pronunciations } from '../../../../scripts/lexicon/cmudict.ts';
import { dropDerivable, encodeDictionary } from '../../../../scripts/lexicon/encode-dictionary.ts';
import { openDictionary } from '../../../../src/text/en/dictionary.ts';
import { derive } from '../../../../src/text/en/morphology.ts';
import { fromArpabet, SYMBOLS, toArpabet, withStress } from '../../../../src/text/symbols.ts';
import { cmudict } from '../../../fixtures/lexicon.ts';

describe('symbols', () => {
  test('the table equals that of the training', () => {
    expect(SYMBOLS).toHaveLength(81);
    expect(new Set(SYMBOLS).size).toBe(81);
    expect([0, 3, 11, 12, 35, 36, 37, 38, 74, 75, 76, 80].map((id) => SYMBOLS[id])).toEqual([
      '_',
      ' ',
      '…',
      'p',
      'j',
      'ɑ',
      'ˈɑ',
      'ˌɑ',
      'ˌu',
      'ə',
      'ˈʌ',
      'ˌɝ',
    ]);
  });

  test('ARPAbet is converted in both directions', () => {
    expect(fromArpabet('CH ER1 CH AH0 HH OY2 NG')).toEqual(['tʃ', 'ˈɝ', 'tʃ', 'ə', 'h', 'ˌɔɪ', 'ŋ']);
    for (const symbol of SYMBOLS.slice(12)) expect(fromArpabet(toArpabet([symbol]))).toEqual([symbol]);
    expect(() => fromArpabet('AH')).toThrow(RangeError);
    expect(() => toArpabet([','])).toThrow(RangeError);
  });

  test('stress moves between a vowel and its reduced partner', () => {
    expect([
      withStress('ˈʌ', 0),
      withStress('ə', 1),
      withStress('ɚ', 2),
      withStress('ˌi', 0),
      withStress('t', 1),
    ]).toEqual(['ə', 'ˈʌ', 'ˌɝ', 'i', 't']);
  });
});

describe('dictionary', () => {
  let words: Pronunciations;
  let kept: Pronunciations;
  let bytes: Uint8Array;

  beforeAll(() => {
    const all = [...cmudict()];
    // A twentieth of the words, each with its neighbours: long shared prefixes, and quick to pack.
    words = new Map(all.filter((_, i) => i % 100 < 5));
    kept = dropDerivable(words);
    bytes = encodeDictionary(kept);
  });

  test('finds every word, stored or derived, with exactly its phonemes', () => {
    const dictionary = openDictionary(bytes);
    const lookup = (word: string) => dictionary.lookup(word);
    expect(dictionary.size).toBe(kept.size);
    expect(kept.size).toBeLessThan(words.size);
    for (const [word, symbols] of words) expect(lookup(word) ?? derive(word, lookup), word).toEqual(symbols);
  });

  test('lists its entries in order, also with lookups in between', () => {
    const dictionary = openDictionary(bytes);
    const listed: string[] = [];
    for (const [word, symbols] of dictionary.entries()) {
      listed.push(word);
      if (listed.length % 100 === 0) expect(dictionary.lookup(word)).toEqual(symbols);
    }
    expect(listed).toEqual([...kept.keys()].sort());
  });

  test('the same words give the same bytes in any order', () => {
    const reversed = encodeDictionary(new Map([...kept].reverse()));
    expect(Buffer.from(reversed).equals(Buffer.from(bytes))).toBe(true);
  });

  test('finds no other words', () => {
    const dictionary = openDictionary(bytes);
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz') })),
        (word) => {
          expect(dictionary.lookup(word)).toEqual(kept.get(word));
        },
      ),
    );
    expect(dictionary.lookup('a'.repeat(5000))).toBeUndefined();
  });

  test('bytes that are no dictionary are refused', () => {
    expect(() => openDictionary(new Uint8Array(3))).toThrow(RangeError);
    expect(() => openDictionary(new Uint8Array(100))).toThrow(RangeError);
    expect(() => openDictionary(bytes.subarray(0, 2000))).toThrow(RangeError);
  });
});

test('byte pairs: decoding returns the input', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 9 })), { minLength: 1 }), (sequences) => {
      const { codes, sequences: coded } = pairEncode(sequences, 32);
      expect(coded.map((sequence) => sequence.flatMap((code) => codes[code]))).toEqual(sequences);
    }),
    { numRuns: 50 },
  );
});

describe('derive', () => {
  const known: Record<string, string> = {
    cat: 'K AE1 T',
    dog: 'D AO1 G',
    box: 'B AA1 K S',
    bake: 'B EY1 K',
    stop: 'S T AA1 P',
    carry: 'K AE1 R IY0',
    wait: 'W EY1 T',
    happy: 'HH AE1 P IY0',
    house: 'HH AW1 S',
    settle: 'S EH1 T AH0 L',
    basic: 'B EY1 S IH0 K',
  };
  const lookup = (word: string) => (known[word] ? fromArpabet(known[word]) : undefined);

  test.each([
    ['cats', 'K AE1 T S'],
    ["dog's", 'D AO1 G Z'],
    ['boxes', 'B AA1 K S IH0 Z'],
    ['baked', 'B EY1 K T'],
    ['baking', 'B EY1 K IH0 NG'],
    ['stopped', 'S T AA1 P T'],
    ['carried', 'K AE1 R IY0 D'],
    ['waited', 'W EY1 T IH0 D'],
    ['happiness', 'HH AE1 P IY0 N AH0 S'],
    ['unhappiness', 'AH0 N HH AE1 P IY0 N AH0 S'],
    ['settler', 'S EH1 T L ER0'],
    ['basically', 'B EY1 S IH0 K L IY0'],
    ['doghouse', 'D AO1 G HH AW2 S'],
    ['doghouses', 'D AO1 G HH AW2 S IH0 Z'],
    ["cat'll", 'K AE1 T AH0 L'],
  ])('%s', (word, arpabet) => {
    expect(toArpabet(derive(word, lookup) ?? [])).toBe(arpabet);
  });

  test('gives up on words without a known part', () => {
    for (const word of ['zzz', 'xylo', 'catx', "'s"]) expect(derive(word, lookup)).toBeUndefined();
  });
});
