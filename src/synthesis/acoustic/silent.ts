import { BOUNDARY, END, isPauseSymbol, PAD, START } from '../../text/symbols.ts';

/** Is the symbol one that makes no sound: a pause mark, word boundary, `^` or `$`? */
export function isSilent(symbol: string): boolean {
  return isPauseSymbol(symbol) || symbol === BOUNDARY || symbol === START || symbol === END || symbol === PAD;
}

/** May the symbol last no time at all? `^` and `$` keep a frame, for the sake of onset and release. */
export function mayVanish(symbol: string): boolean {
  return isPauseSymbol(symbol) || symbol === BOUNDARY;
}
