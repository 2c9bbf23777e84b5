import { SYMBOL_IDS } from '../../src/text/symbols.ts';
import type { Pronunciations } from './cmudict.ts';

/** One or two letters and the phonemes (ids of `SYMBOLS`, none to two) that they spell. */
export interface Graphone {
  readonly letters: string;
  readonly symbols: readonly number[];
}

/** Words as sequences of graphones, by index. */
export interface Alignment {
  readonly graphones: readonly Graphone[];
  readonly sequences: readonly (readonly number[])[];
}

/** Letters and phonemes that a graphone may join. */
const SHAPES: readonly (readonly [number, number])[] = [
  [1, 0],
  [1, 1],
  [1, 2],
  [2, 1],
];
const LETTER_CHUNKS = 27 * 27;
const SYMBOL_BASE = 82;
const SYMBOL_CHUNKS = SYMBOL_BASE * SYMBOL_BASE;

interface Word {
  readonly letters: readonly number[];
  readonly symbols: readonly number[];
}

/**
 * Aligns letters to phonemes by expectation maximization over all ways to cut a word (Jiampojamarn, Kondrak, Sherif 2007), then
 * takes each word's best cut. Graphones seen fewer than `minCount` times are forbidden and their words cut anew; words that
 * can't be cut without them are left out.
 */
export function align(words: Pronunciations, { iterations = 5, minCount = 20 } = {}): Alignment {
  const data: Word[] = [...words]
    .filter(([word]) => /^[a-z]+$/.test(word) && word.length > 1)
    .map(([word, symbols]) => ({
      letters: Array.from(word, (letter) => letter.charCodeAt(0) - 96),
      symbols: symbols.map((symbol) => SYMBOL_IDS.get(symbol)! + 1),
    }));
  let weights = new Float64Array(LETTER_CHUNKS * SYMBOL_CHUNKS).fill(1);
  for (let i = 0; i < iterations; i++) {
    const counts = new Float64Array(weights.length);
    for (const word of data) collect(word, weights, counts);
    weights = normalize(counts);
  }
  const first = data.map((word) => bestCut(word, weights));
  const seen = new Map<number, number>();
  for (const key of first.flatMap((cut) => cut ?? [])) seen.set(key, (seen.get(key) ?? 0) + 1);
  const allowed = new Float64Array(weights.length);
  for (const [key, count] of seen) if (count >= minCount) allowed[key] = weights[key];
  const cuts = data.map((word) => bestCut(word, allowed)).filter((cut) => cut !== undefined);
  const keys = [...new Set(cuts.flat())].sort((a, b) => a - b);
  const index = new Map(keys.map((key, i) => [key, i]));
  return { graphones: keys.map(graphoneOf), sequences: cuts.map((cut) => cut.map((key) => index.get(key)!)) };
}

function keyAt({ letters, symbols }: Word, i: number, j: number, shape: number): number {
  const letterChunk = letters[i] * 27 + (SHAPES[shape][0] === 2 ? letters[i + 1] : 0);
  const taken = SHAPES[shape][1];
  const symbolChunk = taken === 0 ? 0 : symbols[j] * SYMBOL_BASE + (taken === 2 ? symbols[j + 1] : 0);
  return letterChunk * SYMBOL_CHUNKS + symbolChunk;
}

function graphoneOf(key: number): Graphone {
  const letterChunk = Math.floor(key / SYMBOL_CHUNKS);
  const symbolChunk = key % SYMBOL_CHUNKS;
  return {
    letters: [Math.floor(letterChunk / 27), letterChunk % 27]
      .filter((letter) => letter > 0)
      .map((letter) => String.fromCharCode(96 + letter))
      .join(''),
    symbols: [Math.floor(symbolChunk / SYMBOL_BASE), symbolChunk % SYMBOL_BASE]
      .filter((symbol) => symbol > 0)
      .map((symbol) => symbol - 1),
  };
}

/** Adds the expected use of every graphone in the word (forward-backward). */
function collect(word: Word, weights: Float64Array, counts: Float64Array): void {
  const rows = word.letters.length + 1;
  const columns = word.symbols.length + 1;
  const forward = new Float64Array(rows * columns);
  const backward = new Float64Array(rows * columns);
  forward[0] = 1;
  backward[rows * columns - 1] = 1;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const here = forward[i * columns + j];
      if (here === 0) continue;
      for (let k = 0; k < SHAPES.length; k++) {
        const a = i + SHAPES[k][0];
        const b = j + SHAPES[k][1];
        if (a < rows && b < columns) forward[a * columns + b] += here * weights[keyAt(word, i, j, k)];
      }
    }
  }
  const total = forward[rows * columns - 1];
  if (!(total > 0)) return;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      for (let k = 0; k < SHAPES.length; k++) {
        const a = i + SHAPES[k][0];
        const b = j + SHAPES[k][1];
        if (a >= rows || b >= columns || backward[a * columns + b] === 0) continue;
        const key = keyAt(word, i, j, k);
        const through = weights[key] * backward[a * columns + b];
        backward[i * columns + j] += through;
        counts[key] += (forward[i * columns + j] * through) / total;
      }
    }
  }
}

/** Joint probabilities, in place. */
function normalize(counts: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  let total = 0;
  for (let key = 0; key < counts.length; key++) total += counts[key];
  for (let key = 0; key < counts.length; key++) counts[key] /= total;
  return counts;
}

/** Most probable cut, as keys; `undefined` when no allowed graphones cover the word. */
function bestCut(word: Word, weights: Float64Array): number[] | undefined {
  const rows = word.letters.length + 1;
  const columns = word.symbols.length + 1;
  const best = new Float64Array(rows * columns).fill(Number.NEGATIVE_INFINITY);
  const from = new Int8Array(rows * columns).fill(-1);
  best[0] = 0;
  for (let i = 1; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < SHAPES.length; k++) {
        const a = i - SHAPES[k][0];
        const b = j - SHAPES[k][1];
        if (a < 0 || b < 0) continue;
        const score = best[a * columns + b] + Math.log(weights[keyAt(word, a, b, k)]);
        if (score > best[i * columns + j]) {
          best[i * columns + j] = score;
          from[i * columns + j] = k;
        }
      }
    }
  }
  const keys: number[] = [];
  let i = rows - 1;
  let j = columns - 1;
  while (i > 0 || j > 0) {
    const k = from[i * columns + j];
    if (k < 0) return undefined;
    i -= SHAPES[k][0];
    j -= SHAPES[k][1];
    keys.unshift(keyAt(word, i, j, k));
  }
  return keys;
}
