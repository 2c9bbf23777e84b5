import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { dictionary } from 'cmu-pronouncing-dictionary';
import { fromArpabet } from '../../src/text/symbols.ts';

/** Word to symbols. */
export type Pronunciations = Map<string, readonly string[]>;

/**
 * The CMU Pronouncing Dictionary: the first pronunciation of every entry spelled with letters and inner apostrophes. Its abbreviations
 * (`a.d.`), hyphenated entries and variants (`read(2)`) are left out, since the normalizer never looks them up.
 */
export function readCmudict(): Pronunciations {
  const words: Pronunciations = new Map();
  for (const [word, entry] of Object.entries(dictionary)) {
    if (/^[a-z]+(?:'[a-z]+)*$/.test(word)) words.set(word, fromArpabet(entry.replace(/#.*/, '')));
  }
  return words;
}

/** All pronunciations of every such entry, the first one first. */
export function readCmudictVariants(): ReadonlyMap<string, readonly (readonly string[])[]> {
  const words = new Map<string, (readonly string[])[]>();
  for (const [entry, phones] of Object.entries(dictionary)) {
    const word = entry.replace(/\(\d+\)$/, '');
    if (!/^[a-z]+(?:'[a-z]+)*$/.test(word)) continue;
    words.set(word, [...(words.get(word) ?? []), fromArpabet(phones.replace(/#.*/, ''))]);
  }
  return words;
}

/**
 * Words of a supplement file: `word<TAB>ARPAbet`, `#` starts a comment. A file that ends in `.gz` is decompressed.
 * @throws {Error} naming the line that can't be read.
 */
export function readSupplement(path: string): Pronunciations {
  const words: Pronunciations = new Map();
  const bytes = readFileSync(path);
  const content = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  for (const [index, line] of content.split('\n').entries()) {
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const [word, phones] = text.split('\t');
    if (!/^[a-z]+(?:'[a-z]+)*$/.test(word) || !phones)
      throw new Error(`supplement line ${index + 1}: ${line}`);
    if (words.has(word)) throw new Error(`supplement line ${index + 1}: ${word} stands there twice`);
    words.set(word, fromArpabet(phones));
  }
  return words;
}
