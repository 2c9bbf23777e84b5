import { SYMBOLS, stressOf } from './symbols.ts';

/** Sounds out words that no dictionary knows. */
export interface LetterToSound {
  /**
   * @param letters `a` to `z` only, at least one.
   * @returns symbols with stress marks.
   */
  pronounce(letters: string): readonly string[];
}

/**
 * Layout of `en.fallback.bin`, little-endian: a joint n-gram model of graphones (one letter or two with the phonemes that they
 * spell), as a trie in breadth-first order.
 *
 * | bytes | what |
 * |---|---|
 * | 4 | `SLS1` |
 * | u16 | graphones, at most 510; the end of a word is the token after them, its start the one after that |
 * | u8, u8 | 0; quantization step of logarithms in 1/256 |
 * | u32, u32 | nodes without the root; nodes with children, with the root |
 * | … | each graphone: letters (u8, then ASCII), phonemes (u8, then positions in `SYMBOLS`) |
 * | u8 × nodes | tokens, low eight bits |
 * | u8 × nodes | minus log probability in steps, 255 = never |
 * | bits × nodes | tokens, ninth bit |
 * | bits × (nodes + 1) | has children (the root first) |
 * | u16 × nodes with children | number of children |
 * | i8 × nodes with children | log backoff weight in steps |
 */
export const FALLBACK_MAGIC = 'SLS1';

/** Partial pronunciations kept at each letter. */
const BEAM = 24;

interface Candidate {
  readonly token: number;
  readonly length: number;
}

interface Hypothesis {
  readonly score: number;
  /** Internal node that stands for the longest known history. */
  readonly history: number;
  readonly token: number;
  readonly before: Hypothesis | undefined;
}

/**
 * Opens `en.fallback.bin`; takes some milliseconds for the links between histories.
 * @throws {RangeError} when the bytes are no model of this layout.
 */
export function openLetterToSound(bytes: Uint8Array): LetterToSound {
  return new JointNgram(bytes);
}

class JointNgram implements LetterToSound {
  readonly #symbols: (readonly string[])[] = [];
  readonly #byLetters = new Map<string, Candidate[]>();
  readonly #end: number;
  readonly #step: number;
  readonly #tokens: Uint16Array;
  readonly #costs: Uint8Array;
  readonly #backoffs: Int8Array;
  /** By internal node: first child (index of a node), one past the last. */
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  /** By node: its place among the internal nodes, or -1. */
  readonly #internal: Int32Array;
  /** By internal node: the internal node of the longest shorter history. */
  readonly #suffix: Int32Array;

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 16 || String.fromCharCode(...bytes.subarray(0, 4)) !== FALLBACK_MAGIC) {
      throw new RangeError('not a letter-to-sound model');
    }
    const graphones = view.getUint16(4, true);
    this.#end = graphones;
    this.#step = view.getUint8(7) / 256;
    const nodes = view.getUint32(8, true);
    const internals = view.getUint32(12, true);
    let pos = 16;
    const take = (length: number) => {
      if (pos + length > bytes.length) throw new RangeError('letter-to-sound model is cut short');
      pos += length;
      return bytes.subarray(pos - length, pos);
    };
    for (let token = 0; token < graphones; token++) {
      const letters = String.fromCharCode(...take(take(1)[0]));
      this.#symbols.push(Array.from(take(take(1)[0]), (id) => SYMBOLS[id]));
      const known = this.#byLetters.get(letters) ?? [];
      known.push({ token, length: letters.length });
      this.#byLetters.set(letters, known);
    }
    this.#tokens = Uint16Array.from(take(nodes));
    this.#costs = take(nodes);
    const high = take((nodes + 7) >> 3);
    for (let i = 0; i < nodes; i++) this.#tokens[i] |= ((high[i >> 3] >> (i & 7)) & 1) << 8;
    const hasChildren = take((nodes + 8) >> 3);
    const counts = take(2 * internals);
    const backoffs = take(internals);
    this.#backoffs = new Int8Array(backoffs.buffer, backoffs.byteOffset, internals);
    this.#first = new Uint32Array(internals);
    this.#last = new Uint32Array(internals);
    this.#internal = new Int32Array(nodes).fill(-1);
    let next = 0;
    for (let node = -1, internal = 0; node < nodes; node++) {
      if (((hasChildren[(node + 1) >> 3] >> ((node + 1) & 7)) & 1) === 0) continue;
      this.#first[internal] = next;
      next += counts[2 * internal] | (counts[2 * internal + 1] << 8);
      this.#last[internal] = next;
      if (node >= 0) this.#internal[node] = internal;
      internal++;
    }
    this.#suffix = new Int32Array(internals);
    this.#linkSuffixes();
  }

  pronounce(letters: string): readonly string[] {
    const beams: Hypothesis[][] = Array.from({ length: letters.length + 1 }, () => []);
    const start: Hypothesis = {
      score: 0,
      history: this.#advance(0, this.#end + 1),
      token: -1,
      before: undefined,
    };
    beams[0].push(start);
    for (let i = 0; i < letters.length; i++) {
      const candidates = [
        ...(this.#byLetters.get(letters[i]) ?? []),
        ...(i + 1 < letters.length ? (this.#byLetters.get(letters.slice(i, i + 2)) ?? []) : []),
      ];
      for (const hypothesis of best(beams[i])) {
        for (const { token, length } of candidates) {
          const score = hypothesis.score + this.#score(hypothesis.history, token);
          beams[i + length].push({
            score,
            history: this.#advance(hypothesis.history, token),
            token,
            before: hypothesis,
          });
        }
      }
      beams[i] = [];
    }
    const finished = best(beams[letters.length])
      .map((hypothesis) => ({
        ...hypothesis,
        score: hypothesis.score + this.#score(hypothesis.history, this.#end),
      }))
      .sort((a, b) => b.score - a.score);
    return this.#choose(finished);
  }

  /** The best hypothesis with a primary stress, else the best. */
  #choose(finished: readonly Hypothesis[]): readonly string[] {
    let first: readonly string[] | undefined;
    for (const hypothesis of finished) {
      const symbols = this.#read(hypothesis);
      if (symbols.filter((symbol) => stressOf(symbol) === 1).length === 1) return symbols;
      first ??= symbols;
    }
    return first ?? [];
  }

  #read(hypothesis: Hypothesis): readonly string[] {
    const tokens: number[] = [];
    for (let h: Hypothesis | undefined = hypothesis; h && h.token >= 0; h = h.before) tokens.push(h.token);
    return tokens.reverse().flatMap((token) => this.#symbols[token]);
  }

  /** Child of an internal node, or -1. */
  #child(internal: number, token: number): number {
    let low = this.#first[internal];
    let high = this.#last[internal];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tokens[middle] < token) low = middle + 1;
      else high = middle;
    }
    return low < this.#last[internal] && this.#tokens[low] === token ? low : -1;
  }

  /** Log probability of a token after a history, backing off to shorter ones. */
  #score(history: number, token: number): number {
    let backoff = 0;
    for (let internal = history; ; internal = this.#suffix[internal]) {
      const node = this.#child(internal, token);
      if (node >= 0 && this.#costs[node] < 255) return (backoff - this.#costs[node]) * this.#step;
      if (internal === 0) return (backoff - 255) * this.#step;
      backoff += this.#backoffs[internal];
    }
  }

  /** History after one more token: the longest that has continuations. */
  #advance(history: number, token: number): number {
    for (let internal = history; ; internal = this.#suffix[internal]) {
      const node = this.#child(internal, token);
      if (node >= 0 && this.#internal[node] >= 0) return this.#internal[node];
      if (internal === 0) return 0;
    }
  }

  /** Parents come before their children, so a node's link follows from its parent's (Aho & Corasick 1975). */
  #linkSuffixes(): void {
    for (let parent = 1; parent < this.#first.length; parent++) {
      for (let node = this.#first[parent]; node < this.#last[parent]; node++) {
        const internal = this.#internal[node];
        if (internal >= 0) this.#suffix[internal] = this.#advance(this.#suffix[parent], this.#tokens[node]);
      }
    }
  }
}

/** The best hypotheses, one for each history. */
function best(hypotheses: readonly Hypothesis[]): Hypothesis[] {
  const byHistory = new Map<number, Hypothesis>();
  for (const hypothesis of hypotheses) {
    const known = byHistory.get(hypothesis.history);
    if (!known || hypothesis.score > known.score) byHistory.set(hypothesis.history, hypothesis);
  }
  return [...byHistory.values()].sort((a, b) => b.score - a.score).slice(0, BEAM);
}
