import { SYMBOLS } from '../symbols.ts';

/**
 * Layout of `en.fallback.bin`, little-endian: a joint n-gram model of graphones (one letter or two with the phonemes that they
 * spell), as a trie in breadth-first order.
 *
 * | bytes | what |
 * |---|---|
 * | 4 | `SLS1` |
 * | u16 | graphones, at most 510; the end of a word is the token after them, its start the one after that |
 * | u16 | 0 |
 * | u32, u32 | nodes without the root; nodes with children, with the root |
 * | f32 × 16 | levels of minus log probability |
 * | f32 × 16 | levels of log backoff weight |
 * | … | each graphone: letters (u8, then ASCII), phonemes (u8, then positions in `SYMBOLS`) |
 * | u8 × nodes | tokens, low eight bits |
 * | bits × nodes | tokens, ninth bit |
 * | u4 × nodes | minus log probability, as a level; the low half of a byte comes first |
 * | u4 × nodes with children | log backoff weight, as a level |
 * | bits × (nodes + 1) | has children (the root first) |
 * | u8 × nodes with children | number of children; 0 = 256 or more, and a u16 follows |
 */
export const FALLBACK_MAGIC = 'SLS1';
/** Levels that log probabilities and backoff weights are rounded to. */
export const FALLBACK_LEVELS = 16;

/** Minus log probability of an unseen graphone. */
const UNSEEN = 16;

/** A possible next graphone: its token and its number of letters. */
export interface GraphoneChoice {
  readonly token: number;
  readonly length: number;
}

/** A backoff n-gram model, read from its file's bytes. A history is the index of a trie node among the nodes with children. */
export class GraphoneTrie {
  /** Token of the end of a word. */
  readonly end: number;
  readonly #symbols: (readonly string[])[] = [];
  readonly #byLetters = new Map<string, GraphoneChoice[]>();
  readonly #tokens: Uint8Array;
  readonly #ninthBits: Uint8Array;
  readonly #costs: Uint8Array;
  readonly #backoffs: Uint8Array;
  readonly #levels: Float32Array;
  readonly #hasChildren: Uint8Array;
  readonly #counts: Uint8Array;
  /** By history: first child (index of a node), and one past the last child of the last history. */
  readonly #first: Uint32Array;
  /** By node: its history, or -1 without children. */
  readonly #history: Int32Array;
  /** By history: the longest shorter one. */
  readonly #shorter: Int32Array;

  /** @throws {RangeError} when the bytes are no model of this layout. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let pos = 16 + 8 * FALLBACK_LEVELS;
    if (bytes.length < pos || String.fromCharCode(...bytes.subarray(0, 4)) !== FALLBACK_MAGIC) {
      throw new RangeError('not a letter-to-sound model');
    }
    const take = (length: number) => {
      if (pos + length > bytes.length) throw new RangeError('letter-to-sound model is cut short');
      pos += length;
      return bytes.subarray(pos - length, pos);
    };
    this.end = view.getUint16(4, true);
    const nodes = view.getUint32(8, true);
    const histories = view.getUint32(12, true);
    this.#levels = Float32Array.from({ length: 2 * FALLBACK_LEVELS }, (_, i) =>
      view.getFloat32(16 + 4 * i, true),
    );
    for (let token = 0; token < this.end; token++) {
      const letters = String.fromCharCode(...take(take(1)[0]));
      this.#symbols.push(Array.from(take(take(1)[0]), (id) => SYMBOLS[id]));
      this.#byLetters.set(letters, [...this.choices(letters), { token, length: letters.length }]);
    }
    this.#tokens = take(nodes);
    this.#ninthBits = take((nodes + 7) >> 3);
    this.#costs = take((nodes + 1) >> 1);
    this.#backoffs = take((histories + 1) >> 1);
    this.#hasChildren = take((nodes + 8) >> 3);
    this.#counts = take(bytes.length - pos);
    if (this.#counts.length < histories) throw new RangeError('letter-to-sound model is cut short');
    this.#first = new Uint32Array(histories + 1);
    this.#history = new Int32Array(nodes).fill(-1);
    this.#shorter = new Int32Array(histories);
    this.#index(nodes);
    this.#link(histories);
  }

  /** Graphones that spell exactly these letters. */
  choices(letters: string): readonly GraphoneChoice[] {
    return this.#byLetters.get(letters) ?? [];
  }

  /** Phonemes of a graphone. */
  symbols(token: number): readonly string[] {
    return this.#symbols[token];
  }

  /** History at the start of a word. */
  start(): number {
    return this.advance(0, this.end + 1);
  }

  /** Natural log of the probability of a token after a history, backing off to shorter ones. */
  score(history: number, token: number): number {
    let backoff = 0;
    for (let h = history; ; h = this.#shorter[h]) {
      const node = this.#child(h, token);
      if (node >= 0) return backoff - this.#levels[nibble(this.#costs, node)];
      if (h === 0) return backoff - UNSEEN;
      backoff += this.#levels[FALLBACK_LEVELS + nibble(this.#backoffs, h)];
    }
  }

  /** History after one more token: the longest one with continuations. */
  advance(history: number, token: number): number {
    for (let h = history; ; h = this.#shorter[h]) {
      const node = this.#child(h, token);
      if (node >= 0 && this.#history[node] >= 0) return this.#history[node];
      if (h === 0) return 0;
    }
  }

  #token(node: number): number {
    return this.#tokens[node] | (bit(this.#ninthBits, node) << 8);
  }

  /** Child of a history, or -1. */
  #child(history: number, token: number): number {
    let low = this.#first[history];
    const last = this.#first[history + 1];
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#token(middle) < token) low = middle + 1;
      else high = middle;
    }
    return low < last && this.#token(low) === token ? low : -1;
  }

  /** Children are in the order of their parents. */
  #index(nodes: number): void {
    let history = 0;
    let count = 0;
    let next = 0;
    for (let node = -1; node < nodes; node++) {
      if (bit(this.#hasChildren, node + 1) === 0) continue;
      if (node >= 0) this.#history[node] = history;
      let children = this.#counts[count++];
      if (children === 0) {
        children = this.#counts[count] | (this.#counts[count + 1] << 8);
        count += 2;
      }
      next += children;
      this.#first[++history] = next;
    }
    if (next !== nodes) throw new RangeError('letter-to-sound model is cut short');
  }

  /** Parents are before their children, so a history's link follows from its parent's (Aho & Corasick 1975). */
  #link(histories: number): void {
    for (let parent = 1; parent < histories; parent++) {
      for (let node = this.#first[parent]; node < this.#first[parent + 1]; node++) {
        const history = this.#history[node];
        if (history >= 0) this.#shorter[history] = this.advance(this.#shorter[parent], this.#token(node));
      }
    }
  }
}

function bit(bits: Uint8Array, index: number): number {
  return (bits[index >> 3] >> (index & 7)) & 1;
}

function nibble(codes: Uint8Array, index: number): number {
  return (codes[index >> 1] >> (4 * (index & 1))) & 15;
}
