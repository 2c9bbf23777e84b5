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
const SYMBOL_BASE = 82;
const SYMBOL_CHUNKS = SYMBOL_BASE * SYMBOL_BASE;

interface Word {
  readonly letters: readonly number[];
  readonly symbols: readonly number[];
  /** Number of the graphone of each shape that begins at each place, by letter, phoneme and shape; -1 where it does not fit. */
  readonly graphones: Int32Array;
}

/**
 * Aligns letters to phonemes by expectation maximization over all ways to cut a word (Jiampojamarn, Kondrak, Sherif 2007), then
 * takes each word's best cut. Graphones seen fewer than `minCount` times are forbidden and their words cut anew; words that
 * can't be cut without them are left out.
 */
export function align(words: Pronunciations, { iterations = 5, minCount = 20 } = {}): Alignment {
  const spelled = [...words]
    .filter(([word]) => /^[a-z]+$/.test(word) && word.length > 1)
    .map(([word, symbols]) => ({
      letters: Array.from(word, (letter) => letter.charCodeAt(0) - 96),
      symbols: symbols.map((symbol) => SYMBOL_IDS.get(symbol)! + 1),
    }));
  const { words: data, keys } = numberGraphones(spelled);
  const cutWith = (weights: Float64Array) => {
    const logs = weights.map(Math.log);
    return data.map((word) => bestCut(word, logs));
  };
  let weights = new Float64Array(keys.length).fill(1);
  for (let i = 0; i < iterations; i++) {
    const counts = new Float64Array(weights.length);
    for (const word of data) collect(word, weights, counts);
    weights = normalize(counts);
  }
  const seen = new Int32Array(weights.length);
  for (const cut of cutWith(weights)) for (const number of cut ?? []) seen[number]++;
  const cuts = cutWith(weights.map((weight, number) => (seen[number] >= minCount ? weight : 0))).filter(
    (cut) => cut !== undefined,
  );
  const used = [...new Set(cuts.flat())].sort((a, b) => a - b);
  const index = new Map(used.map((number, i) => [number, i]));
  return {
    graphones: used.map((number) => graphoneOf(keys[number])),
    sequences: cuts.map((cut) => cut.map((number) => index.get(number)!)),
  };
}

/** Numbers the graphones that any cut of a word has, in the order of their keys: what is known of each takes no room for the millions of others. */
function numberGraphones(spelled: readonly Omit<Word, 'graphones'>[]): { words: Word[]; keys: number[] } {
  const numbers = new Map<number, number>();
  const words = spelled.map((word): Word => {
    const [rows, columns] = [word.letters.length + 1, word.symbols.length + 1];
    const graphones = new Int32Array(rows * columns * SHAPES.length).fill(-1);
    let at = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        for (let k = 0; k < SHAPES.length; k++, at++) {
          if (i + SHAPES[k][0] >= rows || j + SHAPES[k][1] >= columns) continue;
          const key = keyAt(word, i, j, k);
          graphones[at] = numbers.get(key) ?? numbers.size;
          if (graphones[at] === numbers.size) numbers.set(key, graphones[at]);
        }
      }
    }
    return { ...word, graphones };
  });
  const found = [...numbers.keys()];
  const keys = found.toSorted((a, b) => a - b);
  const sorted = new Map(keys.map((key, number) => [key, number]));
  const final = Int32Array.from(found, (key) => sorted.get(key)!);
  for (const { graphones } of words)
    for (let at = 0; at < graphones.length; at++)
      if (graphones[at] >= 0) graphones[at] = final[graphones[at]];
  return { words, keys };
}

function keyAt({ letters, symbols }: Omit<Word, 'graphones'>, i: number, j: number, shape: number): number {
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
  const { graphones } = word;
  const rows = word.letters.length + 1;
  const columns = word.symbols.length + 1;
  const places = rows * columns;
  const steps = stepsOf(columns);
  const forward = new Float64Array(places);
  const backward = new Float64Array(places);
  forward[0] = 1;
  backward[places - 1] = 1;
  for (let place = 0; place < places; place++) {
    const here = forward[place];
    if (here === 0) continue;
    for (let k = 0; k < steps.length; k++) {
      const number = graphones[place * steps.length + k];
      if (number >= 0) forward[place + steps[k]] += here * weights[number];
    }
  }
  const total = forward[places - 1];
  if (!(total > 0)) return;
  for (let place = places - 1; place >= 0; place--) {
    for (let k = 0; k < steps.length; k++) {
      const number = graphones[place * steps.length + k];
      if (number < 0 || backward[place + steps[k]] === 0) continue;
      const through = weights[number] * backward[place + steps[k]];
      backward[place] += through;
      counts[number] += (forward[place] * through) / total;
    }
  }
}

/** How far each shape goes in a table of letters by phonemes. */
function stepsOf(columns: number): number[] {
  return SHAPES.map(([letters, symbols]) => letters * columns + symbols);
}

/** Joint probabilities, in place. */
function normalize(counts: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  let total = 0;
  for (let key = 0; key < counts.length; key++) total += counts[key];
  for (let key = 0; key < counts.length; key++) counts[key] /= total;
  return counts;
}

/** Most probable cut, as numbers of graphones; `undefined` when no allowed graphones cover the word. */
function bestCut(word: Word, logs: Float64Array): number[] | undefined {
  const { graphones } = word;
  const columns = word.symbols.length + 1;
  const places = (word.letters.length + 1) * columns;
  const steps = stepsOf(columns);
  const best = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
  const from = new Int8Array(places).fill(-1);
  best[0] = 0;
  for (let place = 1; place < places; place++) {
    for (let k = 0; k < steps.length; k++) {
      const before = place - steps[k];
      const number = before < 0 ? -1 : graphones[before * steps.length + k];
      if (number < 0) continue;
      const score = best[before] + logs[number];
      if (score > best[place]) {
        best[place] = score;
        from[place] = k;
      }
    }
  }
  const cut: number[] = [];
  for (let place = places - 1; place > 0; ) {
    const k = from[place];
    if (k < 0) return undefined;
    place -= steps[k];
    cut.unshift(graphones[place * steps.length + k]);
  }
  return cut;
}
