/** Returned instead of a value where the bytes end too early. */
export class OutOfBits extends Error {
  override readonly name = 'OutOfBits';
}

/** Reads numbers bit by bit, most significant bit first: the inverse of `BitWriter`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;

  /** @param byte where to begin. */
  constructor(bytes: Uint8Array, byte = 0) {
    this.#bytes = bytes;
    this.#at = byte * 8;
  }

  /** The byte that the next bit is in. */
  get byte(): number {
    return this.#at >>> 3;
  }

  /**
   * The next bits as a number without sign.
   * @param width 0 to 32.
   * @throws {OutOfBits}
   */
  read(width: number): number {
    if (width > 24) return this.read(width - 16) * 0x1_0000 + this.read(16);
    if (width === 0) return 0;
    const end = this.#at + width;
    if (end > this.#bytes.length * 8) throw new OutOfBits('The bytes end within a number.');
    const value = this.#window(this.#at >>> 3) << (this.#at & 7);
    this.#at = end;
    return value >>> (32 - width);
  }

  /**
   * The same with a sign, in two's complement.
   * @throws {OutOfBits}
   */
  readSigned(width: number): number {
    const value = this.read(width);
    return width > 0 && value >= 2 ** (width - 1) ? value - 2 ** width : value;
  }

  /**
   * Counts the zeros before the next one bit and reads that bit too.
   * @throws {OutOfBits}
   */
  readUnary(): number {
    let count = 0;
    for (;;) {
      const rest = 32 - (this.#at & 7);
      const zeros = Math.clz32(this.#window(this.#at >>> 3) << (this.#at & 7));
      const known = Math.min(zeros, rest);
      if (this.#at + known >= this.#bytes.length * 8) throw new OutOfBits('The bytes end within zeros.');
      this.#at += known;
      count += known;
      if (zeros < rest) {
        this.#at++;
        return count;
      }
    }
  }

  /** Skips to the next whole byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** Four bytes; zeros where there are none. */
  #window(byte: number): number {
    const bytes = this.#bytes;
    return (
      ((bytes[byte] ?? 0) << 24) |
      ((bytes[byte + 1] ?? 0) << 16) |
      ((bytes[byte + 2] ?? 0) << 8) |
      (bytes[byte + 3] ?? 0)
    );
  }
}
