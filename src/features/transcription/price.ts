/** Read aloud at usual speed, a character takes a fifteenth of a second. */
const CHARACTERS_PER_SECOND = 15;

/** Characters that are charged for a recording: as many as are spoken in its time. */
export function charactersFor(seconds: number): number {
  return Math.max(1, Math.ceil((Number.isFinite(seconds) ? seconds : 0) * CHARACTERS_PER_SECOND));
}
