import { stressOf } from '../symbols.ts';
import { FALLBACK_MAGIC, GraphoneTrie } from './graphone-trie.ts';

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
const MARGIN = 7;

/** A pronunciation of the first letters of a word. `history` is set when it stays in the beam. */
interface Reading {
  readonly score: number;
  readonly token: number;
  readonly before: Reading | undefined;
  history: number;
}

/**
 * Opens `en.fallback.bin`. The first unknown word indexes its trie, which takes about 10 ms.
 * @throws {RangeError} when the bytes are no model of this layout.
 */
export function openLetterToSound(bytes: Uint8Array): LetterToSound {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== FALLBACK_MAGIC)
    throw new RangeError('not a letter-to-sound model');
  let trie: GraphoneTrie | undefined;
  return {
    pronounce(letters) {
      trie ??= new GraphoneTrie(bytes);
      return soundOut(letters, trie);
    },
  };
}

/** Beam search over all ways to cut the letters into graphones. Linear in their number. */
function soundOut(letters: string, trie: GraphoneTrie): readonly string[] {
  const readings: Reading[][] = Array.from({ length: letters.length + 1 }, () => []);
  readings[0].push({ score: 0, token: -1, before: undefined, history: trie.start() });
  for (let i = 0; i < letters.length; i++) {
    const choices = [
      ...trie.choices(letters[i]),
      ...(i + 1 < letters.length ? trie.choices(letters.slice(i, i + 2)) : []),
    ];
    for (const before of survivors(readings[i], trie)) {
      for (const { token, length } of choices) {
        readings[i + length].push({
          score: before.score + trie.score(before.history, token),
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
    score: reading.score + trie.score(reading.history, trie.end),
  }));
  return choose(whole.sort((a, b) => b.score - a.score).map((reading) => spoken(reading, trie)));
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
