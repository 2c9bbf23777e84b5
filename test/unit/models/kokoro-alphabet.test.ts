import { expect, it } from 'vitest';
import { toKokoro } from '../../../src/models/drivers/kokoro/alphabet.ts';

/** Symbols are separated by spaces; `_` is the word boundary. */
const symbolsOf = (text: string) => text.split(' ').map((symbol) => (symbol === '_' ? ' ' : symbol));
const ids = (text: string, language?: string) => toKokoro(symbolsOf(text), language).ids;
/** Token ids of letters that occur below, from Kokoro's `config.json`. */
const LETTERS: Readonly<Record<string, number>> = {
  ',': 3,
  '.': 4,
  ' ': 16,
  ɐ: 70,
  a: 43,
  b: 44,
  h: 50,
  i: 51,
  k: 53,
  l: 54,
  m: 55,
  n: 56,
  o: 57,
  p: 58,
  s: 61,
  t: 62,
  u: 63,
  Q: 33,
  T: 36,
  ə: 83,
  ɑ: 69,
  ɒ: 71,
  ɔ: 76,
  ʨ: 21,
  ʥ: 19,
  ʔ: 148,
  ʰ: 162,
  ː: 158,
  ˈ: 156,
  ᵊ: 42,
  ʊ: 135,
  w: 65,
  ɹ: 123,
  ŋ: 112,
  ɕ: 77,
};
const spelled = (letters: string) => [0, ...[...letters].map((letter) => LETTERS[letter]), 0];

it('spells American English with taps and syllabic consonants', () => {
  expect(ids('^ w ˈɔ t ɚ $')).toEqual(spelled('wˈɔTəɹ'));
  expect(ids('^ b ˈɑ t ə l $', 'en-US')).toEqual(spelled('bˈɑTᵊl'));
});

it('spells British English with long vowels, a weak "a" and no taps', () => {
  expect(ids('^ w ˈɔ t ə $', 'en-GB')).toEqual(spelled('wˈɔːtə'));
  expect(ids('^ ə _ b ˈɒ t ə l $', 'en-GB')).toEqual(spelled('ɐ bˈɒtᵊl'));
  expect(ids('^ h ˈəʊ m , t u _ t ˈi $', 'en-GB')).toEqual(spelled('hˈQm, tuː tˈiː'));
  expect(ids('^ p ˈɑ t i $', 'en-GB')).toEqual(spelled('pˈɑːti'));
  expect(ids('^ t u _ ˈɑ $', 'en-GB')).toEqual(spelled('tuː ˈɑː'));
});

it('spells Korean without marks of tunes, with spaces between phrases', () => {
  const symbols = symbolsOf('^ tɕʰ a m _ dʑ o s͈ | p͈ a → , k u ↘ . $');
  const { ids: made, owners } = toKokoro(symbols, 'ko');
  expect(made).toEqual(spelled('ʨʰam ʥos ʔpa, ku.'));
  expect(owners).not.toContain(symbols.indexOf('→'));
  expect(owners.at(-1)).toBe(symbols.length - 1);
});

it('refuses a symbol of another language', () => {
  expect(() => ids('^ p͈ a $', 'en')).toThrow('p͈');
});
