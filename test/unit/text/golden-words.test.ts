import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { combine, trainFallback } from '../../../scripts/lexicon/encode-fallback.ts';
import { readHeldOut } from '../../../scripts/lexicon/evaluate.ts';
import {
  isRight,
  openEmbeddedFrontEnd,
  readGoldenWords,
  readingIn,
} from '../../../scripts/lib/golden-words.ts';
import { LetterNetwork } from '../../../src/text/en/letter-network.ts';
import { openLetterToSound } from '../../../src/text/en/letter-to-sound.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';

const words = readGoldenWords();
const kinds = [...new Set(words.map((one) => one.kind))];
const frontEnd = openEmbeddedFrontEnd();

/** Cases that are known to fail. No other case may fail. */
const WRONG = new Set(['Tagliaferri', 'Bernabéu']);

test('every kind has at least ten words, and as many held out', () => {
  for (const kind of kinds) {
    const some = words.filter((one) => one.kind === kind);
    expect(some.filter((one) => !one.heldOut).length, kind).toBeGreaterThanOrEqual(10);
    expect(some.filter((one) => one.heldOut).length, kind).toBeGreaterThanOrEqual(10);
    expect(new Set(some.map((one) => one.text)).size, kind).toBe(some.length);
  }
});

test.each(kinds)('golden words: %s', (kind) => {
  const failures = words
    .filter((one) => one.kind === kind && !one.heldOut && !WRONG.has(one.text))
    .map((one) => ({ ...one, spoken: readingIn(frontEnd, one.text) }))
    .filter((one) => !isRight(one, one.spoken))
    .map((one) => `${one.text}\n  expected: ${one.readings.join(' / ')}\n  spoken:   ${one.spoken}`);
  expect(failures.join('\n\n')).toBe('');
});

test('at least three quarters of the held-out words are read right', () => {
  const heldOut = words.filter((one) => one.heldOut);
  const right = heldOut.filter((one) => isRight(one, readingIn(frontEnd, one.text)));
  expect(right.length / heldOut.length).toBeGreaterThanOrEqual(0.75);
});

test('a possessive of an unknown name is the name with its ending', () => {
  expect(readingIn(frontEnd, "Djokić's")).toBe(`${readingIn(frontEnd, 'Djokić')} IH0 Z`);
});

test('an accent that changes the sound is used, one in a function word is not', () => {
  expect(readingIn(frontEnd, 'Peña')).not.toBe(readingIn(frontEnd, 'Pena'));
  expect(readingIn(frontEnd, 'jalapeño')).toBe(readingIn(frontEnd, 'jalapeno'));
});

const NETWORK = readFileSync(join(import.meta.dirname, '../../../scripts/lexicon/letter-network.en.bin'));

test('the network gives each letter probabilities that sum to one', () => {
  const network = new LetterNetwork(NETWORK);
  for (const word of ['a', 'zambrelle', 'q'.repeat(32)]) {
    const letters = network.read(word);
    expect(letters.length).toBe(word.length);
    for (const logs of letters) {
      expect(logs.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 4);
    }
  }
  const k = network.label([SYMBOLS.indexOf('k')]);
  expect(Math.exp(network.read('kit')[0][k])).toBeGreaterThan(0.9);
});

test('a truncated model is refused', () => {
  const ngrams = trainFallback(new Map([['kit', ['k', 'ˈɪ', 't']]]), {
    order: 2,
    maxNodes: 100,
    minCount: 1,
  });
  const bytes = combine(ngrams, NETWORK);
  expect(openLetterToSound(bytes).pronounce('kit').length).toBeGreaterThan(0);
  for (const length of [6, 40, bytes.length - 1]) {
    expect(() => openLetterToSound(bytes.subarray(0, length)).pronounce('kit')).toThrow(RangeError);
  }
});

test('held-out words include whole word families', () => {
  const words = new Set(readHeldOut().map(({ word }) => word));
  expect(words.size).toBeGreaterThan(15_000);
  const plurals = [...words].filter((word) => word.endsWith('s') && word.length > 6);
  const stems = plurals.filter((word) => words.has(word.slice(0, -1)));
  expect(stems.length / plurals.length).toBeGreaterThan(0.4);
});
