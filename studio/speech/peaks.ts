/** Samples of one peak: 5 ms. */
const STEP = 120;

/** The outline of a waveform, which grows as samples arrive. */
export class Peaks {
  /** Largest absolute value of each {@link STEP} samples. */
  #values: number[] = [];
  #held = 0;
  #count = 0;

  clear(): void {
    this.#values = [];
    this.#held = 0;
    this.#count = 0;
  }

  add(samples: Float32Array): void {
    for (const sample of samples) {
      this.#held = Math.max(this.#held, Math.abs(sample));
      if (++this.#count < STEP) continue;
      this.#values.push(this.#held);
      this.#held = 0;
      this.#count = 0;
    }
  }

  /** Heights from 0 to 1 of `columns` columns over the whole. */
  columns(columns: number): number[] {
    const { length } = this.#values;
    if (length === 0) return [];
    return Array.from({ length: columns }, (_, column) => {
      const from = Math.floor((column / columns) * length);
      const to = Math.max(from + 1, Math.floor(((column + 1) / columns) * length));
      return Math.max(...this.#values.slice(from, to));
    });
  }
}
