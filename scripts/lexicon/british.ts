import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createBritishPronouncer } from '../../src/text/en/british/british.ts';
import { dropR } from '../../src/text/en/british/rules.ts';
import type { Dictionary } from '../../src/text/en/dictionary.ts';
import type { Pronunciation } from '../../src/text/en/pronounce.ts';
import { isVowel, stressOf, withStress } from '../../src/text/symbols.ts';
import type { Pronunciations } from './cmudict.ts';

const GOLD = join(import.meta.dirname, 'misaki.en-gb.tsv.gz');

/** Words that misaki lacks and that are not made of its words, since the American dictionary has a misspelled `tomatoe`. */
const OWN = ['tomatoes\tt ə m ˈɑ t əʊ z'];

/** misaki's British readings (gb_gold.json) in the symbols of the front end, without silent `ɹ`. */
export function readBritish(): Pronunciations {
  const lines = [...gunzipSync(readFileSync(GOLD)).toString('utf8').trim().split('\n'), ...OWN];
  return new Map(
    lines.map((line): [string, string[]] => {
      const [word, symbols] = line.split('\t');
      return [word, stressed(symbols.split(' '))];
    }),
  );
}

/** misaki gives many short words no stress, as they are said in a sentence; a citation has one. */
function stressed(symbols: readonly string[]): string[] {
  if (symbols.some((symbol) => stressOf(symbol) === 1)) return [...symbols];
  let place = symbols.findIndex((symbol) => stressOf(symbol) === 2);
  if (place < 0) place = symbols.findIndex((symbol) => isVowel(symbol) && symbol !== 'ə');
  if (place < 0) place = symbols.findIndex(isVowel);
  return symbols.map((symbol, i) => (i === place ? withStress(symbol, 1) : symbol));
}

/** Long words are rare: in them, where the stress lies and how an unstressed vowel sounds is left to the rules. */
const LONG_WORD = 9;

/** Audible form of a reading: weak vowels, a weak vowel before `l` or `n`, and `j` before a weak vowel do not distinguish words. */
function comparable(word: string, symbols: readonly string[]): string {
  const isLong = word.length >= LONG_WORD;
  const sounds = symbols.map((symbol, i) => {
    if (symbol === 'j' && /^[ʊuə]$/.test(symbols[i + 1] ?? '')) return '';
    const plain = symbol.replace('ˌ', '');
    if (WEAK.has(symbol) || (isLong && UNSTRESSED.has(plain))) return 'ə';
    return isLong ? plain.replace('ˈʌ', 'ə').replace('ˈ', '') : plain;
  });
  return sounds
    .filter((sound) => sound !== '')
    .join(' ')
    .replace(/ə( ə)+/g, 'ə')
    .replace(/ə (?=[ln])/g, '')
    .replaceAll('t ʃ', 'tʃ');
}
const WEAK: ReadonlySet<string> = new Set(['ə', 'ɪ', 'i', 'ʊ', 'u', 'ˌʌ']);
const UNSTRESSED: ReadonlySet<string> = new Set(['æ', 'ɛ', 'ɒ', 'əʊ', 'ʌ', 'ɔ', 'ɜː']);

/** Share of words that a pronouncer reads like misaki. */
export interface Coverage {
  readonly words: number;
  /** Every symbol right, secondary stress apart. */
  readonly exact: number;
  /** Right but for weak vowels. */
  readonly similar: number;
}

/** Result of {@link findExceptions}. */
export interface Exceptions {
  readonly words: Pronunciations;
  readonly byRules: Coverage;
  readonly withTable: Coverage;
}

/**
 * The words whose British reading the rules don't find, the shortest first, so that what is made of them needs no entry of its own.
 * @param only the words to look at, for tests; by default all.
 * @param american words of American English; a British word that is not among them, nor made of them, gets an entry unless it is long.
 */
export function findExceptions(american: Dictionary, only?: ReadonlySet<string>): Exceptions {
  const gold = [...readBritish()]
    .filter(([word]) => only?.has(word) ?? true)
    .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  const words: Pronunciations = new Map();
  const read = (entries: Pronunciations) =>
    createBritishPronouncer(american, { lookup: (word) => entries.get(word)?.slice() });
  const bare = read(new Map());
  const counts = { rules: { exact: 0, similar: 0 }, table: { exact: 0, similar: 0 } };
  for (const [word, right] of gold) {
    const ruled = spoken(bare.pronounce(word));
    count(counts.rules, word, ruled, right);
    // A new pronouncer: its cache of unknown words would hide the entries added since.
    const symbols = spoken(read(words).pronounce(word));
    if (count(counts.table, word, symbols, right)) continue;
    // Long words without an American pronunciation are left to the letter-to-sound model.
    if (symbols.length > 0 || word.length < LONG_WORD) words.set(word, right);
  }
  const total = gold.length;
  return {
    words,
    byRules: { words: total, ...counts.rules },
    withTable: {
      words: total,
      exact: counts.table.exact + words.size,
      similar: counts.table.similar + words.size,
    },
  };
}

/** A word that is only spelled is not known. */
function spoken(found: Pronunciation | undefined): string[] {
  return found && found.from !== 'spelled' ? dropR(found.symbols) : [];
}

function count(
  into: { exact: number; similar: number },
  word: string,
  symbols: readonly string[],
  right: readonly string[],
): boolean {
  const plain = (some: readonly string[]) => some.join(' ').replaceAll('ˌ', '');
  if (plain(symbols) === plain(right)) into.exact++;
  const same = comparable(word, symbols) === comparable(word, right);
  if (same) into.similar++;
  return same;
}
