import { SYMBOL_IDS, stressOf } from '../symbols.ts';
import { FALLBACK_MAGIC, type GraphoneChoice, GraphoneTrie } from './graphone-trie.ts';
import { LetterNetwork } from './letter-network.ts';

/**
 * Starts a model of two parts: then come the length of the first (u32, little-endian), the n-grams that `graphone-trie.ts`
 * describes, and the network of `letter-network.ts`. A file with {@link FALLBACK_MAGIC} has the n-grams only.
 */
export const COMBINED_MAGIC = 'SLC1';

/** Pronounces words that are not in a dictionary. */
export interface LetterToSound {
  /**
   * @param letters `a` to `z` only, at least one.
   * @returns symbols with stress marks.
   */
  pronounce(letters: string): readonly string[];
}

/** Partial pronunciations kept at each letter. */
const BEAM = 16;
/** Pronunciations whose log probability (natural log) is lower than the best by this much are dropped. */
const MARGIN = 9;
/** Weights of both parts' log probabilities, found on words that neither was trained on. */
const NGRAM_WEIGHT = 0.6;
const NETWORK_WEIGHT = 1;
/** Log probability of phonemes that the network has not learned for a letter. */
const UNKNOWN_LABEL = -12;

/** A pronunciation of the first letters of a word. `history` is set when it stays in the beam. */
interface Reading {
  readonly score: number;
  readonly token: number;
  readonly before: Reading | undefined;
  history: number;
}

/** The parts of an opened model. */
interface Model {
  readonly trie: GraphoneTrie;
  readonly network?: LetterNetwork;
}

/**
 * Opens `en.fallback.bin`. The first unknown word indexes it, which takes about 10 ms.
 * @throws {RangeError} when the bytes are no model of this layout.
 */
export function openLetterToSound(bytes: Uint8Array): LetterToSound {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== FALLBACK_MAGIC && magic !== COMBINED_MAGIC)
    throw new RangeError('not a letter-to-sound model');
  let model: Model | undefined;
  return {
    pronounce(letters) {
      model ??= magic === FALLBACK_MAGIC ? { trie: new GraphoneTrie(bytes) } : openCombined(bytes);
      return soundOut(letters, model);
    },
  };
}

function openCombined(bytes: Uint8Array): Model {
  if (bytes.length < 8) throw new RangeError('letter-to-sound model is cut short');
  const end = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (end > bytes.length) throw new RangeError('letter-to-sound model is cut short');
  return { trie: new GraphoneTrie(bytes.subarray(8, end)), network: new LetterNetwork(bytes.subarray(end)) };
}

/** Beam search over all ways to cut the letters into graphones. Linear in their number. */
function soundOut(letters: string, { trie, network }: Model): readonly string[] {
  const scores = network && networkScores(letters, trie, network);
  const weight = scores ? NGRAM_WEIGHT : 1;
  const readings: Reading[][] = Array.from({ length: letters.length + 1 }, () => []);
  readings[0].push({ score: 0, token: -1, before: undefined, history: trie.start() });
  for (let i = 0; i < letters.length; i++) {
    const choices = [
      ...trie.choices(letters[i]),
      ...(i + 1 < letters.length ? trie.choices(letters.slice(i, i + 2)) : []),
    ];
    const extra = choices.map((choice) => (scores ? NETWORK_WEIGHT * scores(i, choice) : 0));
    for (const before of survivors(readings[i], trie)) {
      for (const [k, { token, length }] of choices.entries()) {
        readings[i + length].push({
          score: before.score + weight * trie.score(before.history, token) + extra[k],
          token,
          before,
          history: -1,
        });
      }
    }
    readings[i] = [];
  }
  const whole = survivors(readings[letters.length], trie).map((reading) => ({
    ...reading,
    score: reading.score + weight * trie.score(reading.history, trie.end),
  }));
  return choose(whole.sort((a, b) => b.score - a.score).map((reading) => spoken(reading, trie)));
}

/** Log probabilities of graphones by the network. A graphone of two letters has its phonemes at the first, none at the second. */
function networkScores(
  letters: string,
  trie: GraphoneTrie,
  network: LetterNetwork,
): (at: number, choice: GraphoneChoice) => number {
  const probabilities = network.read(letters);
  const silent = network.label([]);
  return (at, { token, length }) => {
    const label = network.label(trie.symbols(token).map((symbol) => SYMBOL_IDS.get(symbol)!));
    const first = label < 0 ? UNKNOWN_LABEL : probabilities[at][label];
    return length === 2 ? first + probabilities[at + 1][silent] : first;
  };
}

/** The best pronunciation for each history. Later graphones depend only on the history. */
function survivors(readings: readonly Reading[], trie: GraphoneTrie): Reading[] {
  const best = readings.reduce((high, { score }) => Math.max(high, score), Number.NEGATIVE_INFINITY);
  const close = readings.filter(({ score }) => score > best - MARGIN).sort((a, b) => b.score - a.score);
  const byHistory = new Map<number, Reading>();
  for (const reading of close) {
    if (reading.before) reading.history = trie.advance(reading.before.history, reading.token);
    if (!byHistory.has(reading.history)) byHistory.set(reading.history, reading);
    if (byHistory.size === BEAM) break;
  }
  return [...byHistory.values()];
}

/** The best with exactly one primary stress, else the best. */
function choose(pronunciations: readonly (readonly string[])[]): readonly string[] {
  const primaries = (symbols: readonly string[]) => symbols.filter((symbol) => stressOf(symbol) === 1).length;
  return pronunciations.find((symbols) => primaries(symbols) === 1) ?? pronunciations[0] ?? [];
}

function spoken(reading: Reading, trie: GraphoneTrie): readonly string[] {
  const tokens: number[] = [];
  for (let r: Reading | undefined = reading; r && r.token >= 0; r = r.before) tokens.push(r.token);
  return tokens.reverse().flatMap((token) => trie.symbols(token));
}
