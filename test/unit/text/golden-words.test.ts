import { expect, test } from 'vitest';
import {
  isRight,
  openEmbeddedFrontEnd,
  readGoldenWords,
  readingIn,
} from '../../../scripts/lib/golden-words.ts';

const words = readGoldenWords();
const kinds = [...new Set(words.map((one) => one.kind))];
const frontEnd = openEmbeddedFrontEnd();

/** Cases that are known to be read wrong: only these may fail. */
const WRONG = new Set(['Tagliaferri', 'Bernabéu', 'Schweinsteiger']);

test('every kind has ten words or more, and as many held out', () => {
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

test('three quarters or more of the words that were held out are read right', () => {
  const heldOut = words.filter((one) => one.heldOut);
  const right = heldOut.filter((one) => isRight(one, readingIn(frontEnd, one.text)));
  expect(right.length / heldOut.length).toBeGreaterThanOrEqual(0.75);
});

test('a possessive of an unknown name is the name with its ending', () => {
  expect(readingIn(frontEnd, "Djokić's")).toBe(`${readingIn(frontEnd, 'Djokić')} IH0 Z`);
});

test('an accent that makes another sound is heeded, one in a small word is not', () => {
  expect(readingIn(frontEnd, 'Peña')).not.toBe(readingIn(frontEnd, 'Pena'));
  expect(readingIn(frontEnd, 'jalapeño')).toBe(readingIn(frontEnd, 'jalapeno'));
});
