/** Writes numbers bit by bit, most significant bit first. */
export class BitWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  /**
   * Appends the low `width` bits of `value`, in two's complement for negative values.
   * @param width 0 to 32.
   */
  write(value: number, width: number): void {
    if (width > 16) {
      this.write(value >>> 16, width - 16);
      this.write(value & 0xffff, 16);
      return;
    }
    this.#pending = (this.#pending << width) | (value & ((1 << width) - 1));
    this.#pendingBits += width;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#push(this.#pending >>> this.#pendingBits);
    }
    this.#pending &= (1 << this.#pendingBits) - 1;
  }

  /** Appends `count` zeros and a one. */
  writeUnary(count: number): void {
    let left = count;
    for (; left >= 16; left -= 16) this.write(0, 16);
    this.write(1, left + 1);
  }

  /** Fills the last byte with zeros. */
  align(): void {
    if (this.#pendingBits > 0) this.write(0, 8 - this.#pendingBits);
  }

  /** The complete bytes, as a view that the next write may change. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
