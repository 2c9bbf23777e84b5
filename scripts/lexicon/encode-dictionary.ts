import { BLOCK_WORDS, DICTIONARY_MAGIC, MAX_WORD_LENGTH } from '../../src/text/en/dictionary.ts';
import { derive } from '../../src/text/en/morphology.ts';
import { SYMBOLS } from '../../src/text/symbols.ts';
import { pairEncode } from './byte-pairs.ts';
import type { Pronunciations } from './cmudict.ts';

/**
 * Drops every word that the run-time rules derive, phoneme for phoneme, from words that stay. Stems are shorter than words derived from
 * them, so words are processed by length.
 */
export function dropDerivable(words: Pronunciations): Pronunciations {
  const kept: Pronunciations = new Map();
  const byLength = [...words].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  for (const [word, symbols] of byLength) {
    const derived = derive(word, (part) => kept.get(part));
    if (derived === undefined || derived.join(' ') !== symbols.join(' ')) kept.set(word, symbols);
  }
  return kept;
}

/**
 * Writes words in the layout that `src/text/en/dictionary.ts` describes. The same words give the same bytes.
 * @param table the symbols that phonemes are positions in.
 */
export function encodeDictionary(words: Pronunciations, table: readonly string[] = SYMBOLS): Uint8Array {
  const ids = new Map(table.map((symbol, id) => [symbol, id]));
  const sorted = [...words].sort(([a], [b]) => (a < b ? -1 : 1));
  const shared = sorted.map(([word], i) =>
    i % BLOCK_WORDS === 0 ? 0 : sharedPrefix(sorted[i - 1][0], word),
  );
  const letters = pairEncode(
    sorted.map(([word], i) => {
      if (word.length > MAX_WORD_LENGTH) throw new RangeError(`too long a word: ${word}`);
      return [...Array.from(word.slice(shared[i]), (letter) => letter.charCodeAt(0)), 0];
    }),
  );
  const phonemes = pairEncode(sorted.map(([, symbols]) => [...symbols.map((s) => ids.get(s)!), 0]));

  const header: number[] = [...Buffer.from(DICTIONARY_MAGIC)];
  const blockCount = Math.ceil(sorted.length / BLOCK_WORDS);
  header.push(
    ...u32(sorted.length),
    ...u32(blockCount),
    ...u16(letters.codes.length),
    ...u16(phonemes.codes.length),
  );
  for (const code of [...letters.codes, ...phonemes.codes]) header.push(code.length, ...code);
  while (header.length % 4 !== 0) header.push(0);
  const starts: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (i % BLOCK_WORDS === 0) starts.push(data.length);
    data.push(shared[i], ...letters.sequences[i], ...phonemes.sequences[i]);
  }
  return Uint8Array.from([...header, ...starts.flatMap(u32), ...data]);
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function u16(value: number): number[] {
  return [value & 255, value >> 8];
}

function u32(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
}
