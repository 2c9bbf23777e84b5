import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCmudict } from '../../../scripts/lexicon/cmudict.ts';
import { heteronym } from '../../../src/text/en/heteronyms.ts';
import { toArpabet } from '../../../src/text/symbols.ts';

const cases = readFileSync(join(import.meta.dirname, '../../golden/heteronyms.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));

const dictionary = readCmudict();

/** Enough of a tokenizer for the golden sentences. */
function speak(sentence: string, word: string): string {
  const tokens = sentence.match(/[A-Za-z']+[,.?!;:]?/g) ?? [];
  const sources = tokens.map((token) => token.replace(/[,.?!;:]$/, ''));
  const words = sources.map((source) => source.toLowerCase());
  const pauses = tokens.map((token, i) => /[,.?!;:]$/.test(token) || i === tokens.length - 1);
  const index = words.indexOf(word);
  return toArpabet(heteronym({ words, sources, pauses }, index) ?? dictionary.get(word) ?? []);
}

describe('heteronyms', () => {
  test('there are enough of them to mean something', () => {
    expect(cases.length).toBeGreaterThanOrEqual(120);
    expect(new Set(cases.map(([word]) => word)).size).toBeGreaterThanOrEqual(50);
  });

  test.each(cases)('%s is %s in: %s', (word, arpabet, sentence) => {
    expect(speak(sentence, word)).toBe(arpabet);
  });

  test('other words are left alone', () => {
    expect(heteronym({ words: ['table'], sources: ['table'], pauses: [true] }, 0)).toBeUndefined();
  });
});
