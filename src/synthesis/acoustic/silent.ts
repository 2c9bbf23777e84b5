import { END, isPauseSymbol, isWordBoundary, PAD, START, TUNE_MARKS } from '../../text/symbols.ts';

/** Is the symbol one that makes no sound: a pause mark, word boundary, mark of a tune, `^` or `$`? */
export function isSilent(symbol: string): boolean {
  return mayVanish(symbol) || symbol === START || symbol === END || symbol === PAD;
}

/** May the symbol last no time at all? `^` and `$` keep a frame, for the sake of onset and release. */
export function mayVanish(symbol: string): boolean {
  return isPauseSymbol(symbol) || isWordBoundary(symbol) || TUNE_MARKS.has(symbol);
}
