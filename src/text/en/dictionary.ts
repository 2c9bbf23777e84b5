import { SYMBOLS } from '../symbols.ts';

/**
 * Layout of `en.dictionary.bin`, little-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 4 | `SDX1` |
 * | u32 | words |
 * | u32 | blocks |
 * | u16, u16 | letter codes, phoneme codes (at most 256 each) |
 * | … | the codes, each one byte of length and that many characters (ASCII; phonemes: positions in `SYMBOLS`, or in the table that it was written with) |
 * | 0–3 | zeros up to a multiple of 4 |
 * | u32 × blocks | where each block starts, counted from the end of this table |
 * | … | blocks |
 *
 * A block holds {@link BLOCK_WORDS} words (the last one fewer), sorted by code unit. A word is: one byte, how many letters it shares with
 * the word before (0 for a block's first); letter codes; phoneme codes. Both lists end with the code that contains a zero, which is neither
 * a letter nor a phoneme. Codes are byte pairs merged by frequency, so common endings cost one byte.
 */
export const DICTIONARY_MAGIC = 'SDX1';
/** Words to a block: a lookup decodes half of one on average. */
export const BLOCK_WORDS = 16;
/** Longest word that fits. */
export const MAX_WORD_LENGTH = 64;

/** A dictionary in its file's bytes. */
export interface Dictionary {
  /** Entries in the file. */
  readonly size: number;
  /** Symbols of a word in lower case, or `undefined`. Takes some microseconds; allocates only the answer. */
  lookup(word: string): readonly string[] | undefined;
  /** All entries in order, decoded one by one. */
  entries(): Generator<[word: string, symbols: string[]]>;
}

/**
 * Opens a dictionary. Reads only its header and doesn't copy the bytes.
 * @param symbols the table that the phonemes are positions in.
 * @throws {RangeError} when the bytes are no dictionary of this layout.
 */
export function openDictionary(bytes: Uint8Array, symbols: readonly string[] = SYMBOLS): Dictionary {
  return new BinaryDictionary(bytes, symbols);
}

class BinaryDictionary implements Dictionary {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #symbols: readonly string[];
  readonly #view: DataView;
  readonly #letters: Uint8Array[];
  readonly #phonemes: Uint8Array[];
  readonly #index: number;
  readonly #blocks: number;
  readonly #data: number;
  /** Letters of the last decoded word, and their number. */
  readonly #word = new Uint8Array(MAX_WORD_LENGTH * 2);
  #length = 0;
  #pos = 0;

  constructor(bytes: Uint8Array, symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 16 || String.fromCharCode(...bytes.subarray(0, 4)) !== DICTIONARY_MAGIC) {
      throw new RangeError('not a pronunciation dictionary');
    }
    this.size = this.#view.getUint32(4, true);
    this.#blocks = this.#view.getUint32(8, true);
    this.#pos = 16;
    this.#letters = this.#readCodes(this.#view.getUint16(12, true));
    this.#phonemes = this.#readCodes(this.#view.getUint16(14, true));
    this.#index = (this.#pos + 3) & ~3;
    this.#data = this.#index + 4 * this.#blocks;
    if (this.#data > bytes.length) throw new RangeError('pronunciation dictionary is cut short');
  }

  lookup(word: string): string[] | undefined {
    if (word.length > MAX_WORD_LENGTH) return undefined;
    let low = 0;
    let high = this.#blocks - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      this.#enter(middle);
      this.#readWord();
      if (this.#compare(word) <= 0) low = middle;
      else high = middle - 1;
    }
    this.#enter(low);
    for (let left = Math.min(BLOCK_WORDS, this.size - low * BLOCK_WORDS); left > 0; left--) {
      this.#readWord();
      const order = this.#compare(word);
      if (order === 0) return this.#readSymbols();
      if (order > 0) return undefined;
      this.#skipSymbols();
    }
    return undefined;
  }

  *entries(): Generator<[string, string[]]> {
    for (let block = 0, left = this.size; block < this.#blocks; block++) {
      this.#enter(block);
      let pos = this.#pos;
      for (let i = 0; i < BLOCK_WORDS && left > 0; i++, left--) {
        this.#pos = pos;
        this.#readWord();
        const word = String.fromCharCode(...this.#word.subarray(0, this.#length));
        const symbols = this.#readSymbols();
        pos = this.#pos;
        const length = this.#length;
        const letters = this.#word.slice(0, length);
        yield [word, symbols];
        // A lookup between two steps may have changed the decoder's state.
        this.#word.set(letters);
        this.#length = length;
      }
    }
  }

  #readCodes(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      const length = this.#bytes[this.#pos];
      const code = this.#bytes.subarray(this.#pos + 1, this.#pos + 1 + length);
      this.#pos += 1 + length;
      return code;
    });
  }

  #enter(block: number): void {
    this.#pos = this.#data + this.#view.getUint32(this.#index + 4 * block, true);
    this.#length = 0;
  }

  #readWord(): void {
    this.#length = this.#bytes[this.#pos++];
    for (;;) {
      const code = this.#letters[this.#bytes[this.#pos++]];
      for (const letter of code) {
        if (letter === 0) return;
        this.#word[this.#length++] = letter;
      }
    }
  }

  #readSymbols(): string[] {
    const symbols: string[] = [];
    for (;;) {
      const code = this.#phonemes[this.#bytes[this.#pos++]];
      for (const id of code) {
        if (id === 0) return symbols;
        symbols.push(this.#symbols[id]);
      }
    }
  }

  #skipSymbols(): void {
    for (;;) {
      const code = this.#phonemes[this.#bytes[this.#pos++]];
      if (code[code.length - 1] === 0) return;
    }
  }

  /** Negative when the decoded word comes before `word`. */
  #compare(word: string): number {
    const shared = Math.min(this.#length, word.length);
    for (let i = 0; i < shared; i++) {
      const difference = this.#word[i] - word.charCodeAt(i);
      if (difference !== 0) return difference;
    }
    return this.#length - word.length;
  }
}
