import { END, isPauseSymbol, isWordBoundary, PAD, START, TUNE_MARKS } from '../../text/symbols.ts';

/** Whether the symbol is silent: a pause mark, word boundary, intonation mark, `^` or `$`. */
export function isSilent(symbol: string): boolean {
  return mayVanish(symbol) || symbol === START || symbol === END || symbol === PAD;
}

/** Whether the symbol may have no frame. `^` and `$` have at least one, for onset and release. */
export function mayVanish(symbol: string): boolean {
  return isPauseSymbol(symbol) || isWordBoundary(symbol) || TUNE_MARKS.has(symbol);
}
