import { toTeacher } from '../../../text/ko/symbols.ts';
import { TUNE_MARKS } from '../../../text/symbols.ts';

/**
 * Kokoro's letters for a symbol of Korean. Kokoro never learned Korean: each sound has the spelling that a Korean recognizer understood
 * best (docs/korean.md). Marks of a tune have no letter.
 */
export function koreanLetters(symbols: readonly string[], at: number): string {
  return TUNE_MARKS.has(symbols[at]) ? '' : toTeacher([symbols[at]]);
}
