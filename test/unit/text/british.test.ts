import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findExceptions } from '../../../scripts/lexicon/british.ts';
import { encodeDictionary } from '../../../scripts/lexicon/encode-dictionary.ts';
import { readEmbeddedLexicon } from '../../../scripts/lib/golden-words.ts';
import { BRITISH_TABLE } from '../../../src/text/en/british/british.ts';
import { toBritish } from '../../../src/text/en/british/rules.ts';
import { openDictionary } from '../../../src/text/en/dictionary.ts';
import { normalize } from '../../../src/text/en/normalize.ts';
import { createFrontEnd } from '../../../src/text/frontend.ts';
import { BRITISH_SYMBOLS, SYMBOLS } from '../../../src/text/symbols.ts';

const golden = readFileSync(join(import.meta.dirname, '../../golden/en-gb.tsv'), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => line.split('\t'));

const lexicon = readEmbeddedLexicon();
/** A dictionary with the words that these tests need. */
const spokenWords = new Set(
  [...golden.map(([text]) => text), 'ask half tomatoes dancing unhappily'].flatMap((text) =>
    normalize(text, { language: 'en-GB' }).map((token) => token.text),
  ),
);
const british = encodeDictionary(
  findExceptions(openDictionary(lexicon.dictionary), new Set([...spokenWords, 'tomato', 'tomatoes', 'dance']))
    .words,
  BRITISH_TABLE,
);
const frontEnd = createFrontEnd({ ...lexicon, british, phonemes: [...SYMBOLS, ...BRITISH_SYMBOLS] });

function speak(text: string, language = 'en-GB', options = {}, reader = frontEnd): string {
  return reader
    .analyze(text, { language, ...options })
    .flatMap(({ phonemes }) => phonemes.slice(1, -1).map(({ symbol }) => (symbol === ' ' ? '|' : symbol)))
    .join(' ');
}

test('golden words and sentences', () => {
  expect(golden.length).toBeGreaterThanOrEqual(60);
  const wrong = golden.map(([text, right]) => [text, right, speak(text)]).filter(([, a, b]) => a !== b);
  expect(wrong).toEqual([]);
});

test('words derived from a stored word follow its pronunciation', () => {
  expect(speak('dancing')).toBe('d ˈɑ n s ɪ ŋ');
  expect(speak('tomatoes')).toBe('t ə m ˈɑ t əʊ z');
});

test('a final r is spoken only before a vowel without a pause', () => {
  expect(speak('more, and more')).toBe('m ˈɔ , æ n d | m ˈɔ');
  expect(speak('more and more')).toMatch(/^m ˈɔ ɹ \|/);
});

test('American English is unchanged, also in the same text', () => {
  const american = createFrontEnd({ ...lexicon, phonemes: SYMBOLS });
  for (const [text] of golden) expect(speak(text, 'en-US')).toBe(speak(text, 'en', {}, american));
  const ssml = '<speak>a bath <lang xml:lang="en-GB">a bath</lang></speak>';
  expect(speak(ssml, 'en')).toMatch(/b ˈæ θ.*b ˈɑ θ/);
  expect(speak('<speak>a bath <lang xml:lang="en-US">a bath</lang></speak>')).toMatch(/b ˈɑ θ.*b ˈæ θ/);
});

test('a British voice that markup names reads with its accent', () => {
  const ssml = '<speak>a bath <voice name="rupert">a bath</voice></speak>';
  const voiceLanguage = (voice: string) => (voice === 'rupert' ? 'en-GB' : undefined);
  expect(speak(ssml, 'en', { voiceLanguage })).toMatch(/b ˈæ θ.*b ˈɑ θ/);
});

test('a model without the symbols or the words reads British English as American', () => {
  const american = speak('bath 105', 'en');
  const wordsOnly = createFrontEnd({ ...lexicon, british, phonemes: SYMBOLS });
  expect(speak('bath 105', 'en-GB', {}, wordsOnly)).toBe(american);
  const symbolsOnly = createFrontEnd({ ...lexicon, phonemes: [...SYMBOLS, ...BRITISH_SYMBOLS] });
  expect(speak('bath 105', 'en-GB', {}, symbolsOnly)).toBe(american);
});

test('IPA is read as British vowels', () => {
  expect(speak('[lot](/lɒt/) [Joan](/dʒəʊn/) [air](/eə/)')).toBe('l ˈɒ t | dʒ ˈəʊ n | ˈɛː');
  expect(speak('Sori', 'en-GB', { pronunciations: { Sori: 'ˈsɒri' } })).toBe('s ˈɒ ɹ i');
  expect(speak('[lot](/lɒt/)', 'en')).toBe('l ˈɑ t');
});

test('rules convert an American pronunciation to a British one by its spelling', () => {
  const read = (word: string, american: string) => toBritish(word, american.split(' ')).join(' ');
  expect(read('blot', 'b l ˈɑ t')).toBe('b l ˈɒ t');
  expect(read('spa', 's p ˈɑ')).toBe('s p ˈɑ');
  expect(read('dune', 'd ˈu n')).toBe('d j ˈu n');
  expect(read('moon', 'm ˈu n')).toBe('m ˈu n');
  expect(read('barrow', 'b ˈɛ ɹ oʊ')).toBe('b ˈæ ɹ əʊ');
});

test.each([
  ['105', 'one hundred and five'],
  ['1,200', 'one thousand two hundred'],
  ['1,005', 'one thousand and five'],
  ['1,020,000', 'one million twenty thousand'],
  ['the 101st', 'the one hundred and first'],
  ['3/4/2026', 'the third of april twenty twenty six'],
  ['3/14/2026', 'the fourteenth of march twenty twenty six'],
  ['on 25/12', 'on the twenty fifth of december'],
  ['January 5', 'january the fifth'],
  ['2026-01-05', 'the fifth of january twenty twenty six'],
])('numbers and dates: %s', (text, spoken) => {
  const words = normalize(text, { language: 'en-GB' }).map((token) => token.text);
  expect(words.join(' ')).toBe(spoken);
});
