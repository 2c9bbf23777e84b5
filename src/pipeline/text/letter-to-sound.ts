/** Sounds out words that no dictionary knows. */
export interface LetterToSound {
  /**
   * @param letters `a` to `z` only, at least one.
   * @returns symbols with stress marks.
   */
  pronounce(letters: string): readonly string[];
}

/** Opens `en.fallback.bin`. */
export function openLetterToSound(_bytes: Uint8Array): LetterToSound {
  return { pronounce: () => [] };
}
