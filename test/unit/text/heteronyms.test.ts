import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { heteronym } from '../../../src/text/en/heteronyms.ts';
import { toArpabet } from '../../../src/text/symbols.ts';
import { cmudict } from '../../fixtures/lexicon.ts';

function read(name: string): string[][] {
  return readFileSync(join(import.meta.dirname, `../../golden/${name}.tsv`), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}

const cases = read('heteronyms');
const heldOut = read('heteronyms-held-out');

const dictionary = cmudict();

/** A simple tokenizer that is sufficient for the golden sentences. */
function speak(sentence: string, word: string): string {
  const tokens = sentence.match(/[A-Za-z']+[,.?!;:]?/g) ?? [];
  const sources = tokens.map((token) => token.replace(/[,.?!;:]$/, ''));
  const words = sources.map((source) => source.toLowerCase());
  const pauses = tokens.map((token, i) => /[,.?!;:]$/.test(token) || i === tokens.length - 1);
  const index = words.indexOf(word);
  return toArpabet(heteronym({ words, sources, pauses }, index) ?? dictionary.get(word) ?? []);
}

describe('heteronyms', () => {
  test('there are enough of them for a meaningful rate', () => {
    expect(cases.length).toBeGreaterThanOrEqual(120);
    expect(new Set(cases.map(([word]) => word)).size).toBeGreaterThanOrEqual(50);
  });

  test.each(cases)('%s is %s in: %s', (word, arpabet, sentence) => {
    expect(speak(sentence, word)).toBe(arpabet);
  });

  test('95 % of held-out sentences are right, by case and by word', () => {
    const byWord = new Map<string, boolean[]>();
    for (const [word, arpabet, sentence] of heldOut) {
      byWord.set(word, [...(byWord.get(word) ?? []), speak(sentence, word) === arpabet]);
    }
    const share = (some: readonly boolean[]) => some.filter(Boolean).length / some.length;
    const macro = [...byWord.values()].reduce((sum, some) => sum + share(some), 0) / byWord.size;
    expect(heldOut.length).toBeGreaterThan(200);
    expect(share([...byWord.values()].flat())).toBeGreaterThanOrEqual(0.95);
    expect(macro).toBeGreaterThanOrEqual(0.95);
  });

  test('other words are unchanged', () => {
    expect(heteronym({ words: ['table'], sources: ['table'], pauses: [true] }, 0)).toBeUndefined();
  });
});
