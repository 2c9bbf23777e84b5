/**
 * The delay pattern of MusicGen: codebook `k` is `k` steps behind the first, so that one step of the decoder gives a code of each.
 * Before its first and after its last code a codebook has the padding code.
 */
export class DelayedCodes {
  readonly #codes: number[][];
  readonly #padding: number;
  readonly #frames: number;

  /** @param frames of sound to make. */
  constructor(codebooks: number, frames: number, padding: number) {
    this.#codes = Array.from({ length: codebooks }, () => [padding]);
    this.#padding = padding;
    this.#frames = frames;
  }

  /** Steps of the decoder in all. */
  get steps(): number {
    return this.#frames + this.#codes.length - 1;
  }

  /** Rows of codes so far, a codebook each, one longer than the steps taken. */
  get rows(): readonly (readonly number[])[] {
    return this.#codes;
  }

  /** Adds the codes of a step; those that the pattern leaves no place for are replaced by padding. */
  add(codes: readonly number[]): void {
    const step = this.#codes[0].length - 1;
    for (const [k, row] of this.#codes.entries()) {
      row.push(step >= k && step < k + this.#frames ? codes[k] : this.#padding);
    }
  }

  /** The codes of all frames without delays, codebook by codebook. */
  aligned(): number[] {
    return this.#codes.flatMap((row, k) => row.slice(1 + k, 1 + k + this.#frames));
  }
}
