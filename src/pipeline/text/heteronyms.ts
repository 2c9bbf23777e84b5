/** Words of one sentence and where pauses are, as context for a word whose pronunciation depends on it. */
export interface Sentence {
  /** Lower case. */
  readonly words: readonly string[];
  /** As written. */
  readonly sources: readonly string[];
  /** Does a pause follow word i? The last entry is true. */
  readonly pauses: readonly boolean[];
}

/** Symbols of word `index` if it is a heteronym. */
export function heteronym(_sentence: Sentence, _index: number): readonly string[] | undefined {
  return undefined;
}
