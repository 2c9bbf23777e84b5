import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openLetterToSound } from '../../src/text/en/letter-to-sound.ts';
import { derive } from '../../src/text/en/morphology.ts';
import { fromArpabet, stressOf } from '../../src/text/symbols.ts';
import type { Pronunciations } from './cmudict.ts';
import { combine, type FallbackOptions, trainFallback } from './encode-fallback.ts';

/** Error of predicted pronunciations against the dictionary's. */
export interface Score {
  readonly words: number;
  /** Edits (insertions, deletions, substitutions) for each phoneme of the dictionary, stress marks counted. */
  readonly phonemeErrorRate: number;
  readonly phonemeErrorRateWithoutStress: number;
  readonly wordAccuracy: number;
  readonly wordAccuracyWithoutStress: number;
}

/** Size of the model that ships. */
export const SHIPPED: FallbackOptions = { order: 8, maxNodes: 130_000, minCount: 40 };

/** Whether the word is one of the 5 % that are held out (FNV-1a of its letters). */
export function isHeldOut(word: string): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193) >>> 0;
  return hash % 20 === 0;
}

/** Trains on 95 % of the words and scores the rest: letter to sound only, and after the rules for parts of words. */
export function evaluateFallback(words: Pronunciations, options: FallbackOptions = {}) {
  const train: Pronunciations = new Map([...words].filter(([word]) => !isHeldOut(word)));
  const test = [...words].filter(([word]) => isHeldOut(word) && /^[a-z]{2,}$/.test(word));
  const bytes = trainFallback(train, options);
  const model = openLetterToSound(bytes);
  const sounded = test.map(([word]) => model.pronounce(word));
  const derived = test.map(([word]) => derive(word, (part) => train.get(part)));
  const expected = test.map(([, symbols]) => symbols);
  return {
    bytes: bytes.length,
    soundedOut: score(expected, sounded),
    /** Pronunciation of an unknown word: by rules where they apply, else letter to sound. */
    unknownWord: score(
      expected,
      derived.map((symbols, i) => symbols ?? sounded[i]),
    ),
    derivedOnly: score(...pick(expected, derived, derived)),
    soundedWhereDerived: score(...pick(expected, sounded, derived)),
  };
}

/** A word that neither the n-grams of the evaluation nor the network were trained on. */
export interface HeldOutWord {
  readonly word: string;
  /** `-` for words that are not scored, because their relatives are. */
  readonly split: string;
  readonly kind: string;
  /** Do CMUdict and misaki have a reading in common? */
  readonly agreed: boolean;
  /** Readings of misaki's list of checked words (`us_gold.json`). */
  readonly misaki: readonly (readonly string[])[];
}

/** Words of `held-out.en.tsv.gz`: whole families, so that no word shares its stem with a word that is trained on. */
export function readHeldOut(): HeldOutWord[] {
  const content = gunzipSync(readFileSync(join(import.meta.dirname, 'held-out.en.tsv.gz'))).toString('utf8');
  return content.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [word, split, kind, agreed, readings = ''] = line.split('\t');
    const misaki = readings === '' ? [] : readings.split('/').map(fromArpabet);
    return [{ word, split, kind, agreed: agreed === '1', misaki }];
  });
}

/** Input of {@link evaluateHeldOut}. */
export interface HeldOutOptions {
  /** Trained on, without the held-out ones. */
  readonly words: Pronunciations;
  /** Pronunciations of the held-out words, the first one first. */
  readonly cmudict: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** The network that ships; without it the n-grams alone. */
  readonly network?: Uint8Array;
}

/**
 * Scores an unknown word's way, rules first, on the held-out words of CMUdict: ordinary words and names. Where dictionaries list several
 * pronunciations, the nearest counts, as is usual (Bisani and Ney 2008); `ByFirst` compares with CMUdict's first alone, and `wordsAgreed` are
 * the words on which CMUdict and misaki agree. The n-grams are trained anew without the held-out words.
 */
export function evaluateHeldOut({ words, cmudict, network }: HeldOutOptions) {
  const heldOut = readHeldOut();
  const excluded = new Set(heldOut.map(({ word }) => word));
  const train: Pronunciations = new Map([...words].filter(([word]) => !excluded.has(word)));
  const ngrams = trainFallback(train, SHIPPED);
  const model = openLetterToSound(network ? combine(ngrams, network) : ngrams);
  const read = heldOut
    .filter((one) => one.split === 'test' && cmudict.has(one.word))
    .map((one) => ({
      ...one,
      listed: cmudict.get(one.word)!,
      got: derive(one.word, (part) => train.get(part)) ?? model.pronounce(one.word),
    }));
  const ordinary = read.filter(({ kind }) => kind === 'word');
  const names = read.filter(({ kind }) => kind === 'name');
  const first = (some: typeof read) =>
    score(
      some.map(({ listed }) => listed[0]),
      some.map(({ got }) => got),
    );
  const nearest = (some: typeof read) =>
    score(
      some.map(({ listed, misaki, got }) => nearestOf([...listed, ...misaki], got)),
      some.map(({ got }) => got),
    );
  return {
    words: nearest(ordinary),
    names: nearest(names),
    wordsByFirst: first(ordinary),
    namesByFirst: first(names),
    wordsAgreed: first(ordinary.filter(({ agreed }) => agreed)),
  };
}

function pick(
  expected: readonly (readonly string[])[],
  got: readonly (readonly string[] | undefined)[],
  where: readonly (readonly string[] | undefined)[],
): [(readonly string[])[], (readonly string[])[]] {
  const indices = where.flatMap((symbols, i) => (symbols ? [i] : []));
  return [indices.map((i) => expected[i]), indices.map((i) => got[i]!)];
}

/** The listed pronunciation with the fewest edits. */
function nearestOf(listed: readonly (readonly string[])[], got: readonly string[]): readonly string[] {
  return listed.reduce((best, one) => (editDistance(one, got) < editDistance(best, got) ? one : best));
}

/** Compares pronunciations with the reference. */
export function score(expected: readonly (readonly string[])[], got: readonly (readonly string[])[]): Score {
  let [phonemes, edits, plainEdits, right, plainRight] = [0, 0, 0, 0, 0];
  for (const [i, symbols] of expected.entries()) {
    const withStress = editDistance(symbols, got[i]);
    const without = editDistance(symbols.map(quality), got[i].map(quality));
    phonemes += symbols.length;
    edits += withStress;
    plainEdits += without;
    right += Number(withStress === 0);
    plainRight += Number(without === 0);
  }
  return {
    words: expected.length,
    phonemeErrorRate: edits / phonemes,
    phonemeErrorRateWithoutStress: plainEdits / phonemes,
    wordAccuracy: right / expected.length,
    wordAccuracyWithoutStress: plainRight / expected.length,
  };
}

/** The vowel without its stress; `ʌ` counts as `ə` and `ɝ` as `ɚ`, as in ARPAbet. */
function quality(symbol: string): string {
  const bare = stressOf(symbol) === 0 ? symbol : symbol.slice(1);
  return bare === 'ʌ' ? 'ə' : bare === 'ɝ' ? 'ɚ' : bare;
}

function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1])));
    }
    row = next;
  }
  return row[b.length];
}
