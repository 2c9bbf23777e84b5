import { BOUNDARY, END, isPauseSymbol, isWordBoundary, PHRASE_BOUNDARY, START } from './symbols.ts';
import type { Phoneme, Span } from './types.ts';

/** A spoken word: its symbols (several lists for an override with several words) and its span in the text. */
export interface SpokenWord {
  readonly parts: readonly (readonly string[])[];
  readonly span: Span;
  /** The mark that follows, if any. */
  readonly pause: Phoneme | undefined;
  /** Boundary to the next word if no mark follows. Default {@link BOUNDARY}. */
  readonly boundary?: string;
}

/** Bonus for cutting at a mark. The distance from the ideal position counts from 0 to 1. */
const CUT_WORTH: Readonly<Record<string, number>> = {
  [BOUNDARY]: 0,
  [PHRASE_BOUNDARY]: 0.3,
  ',': 0.6,
  ':': 0.8,
  ';': 0.9,
  '—': 0.8,
  '…': 0.9,
};

/**
 * Phonemes of a sentence without `^` and `$`: words with exactly one boundary or pause mark between them, then the final mark.
 */
export function joinWords(words: readonly SpokenWord[]): Phoneme[] {
  const phonemes: Phoneme[] = [];
  for (const [i, word] of words.entries()) {
    for (const [k, part] of word.parts.entries()) {
      if (k > 0) phonemes.push({ symbol: BOUNDARY, span: { start: word.span.start, end: word.span.start } });
      for (const symbol of part) phonemes.push({ symbol, span: word.span });
    }
    const next = words[i + 1];
    if (word.pause) phonemes.push(word.pause);
    else if (next) {
      const at = Math.min(word.span.end, next.span.start);
      phonemes.push({ symbol: word.boundary ?? BOUNDARY, span: { start: at, end: at } });
    }
  }
  return phonemes;
}

/**
 * Cuts a sentence into pieces that cost at most `maxPhonemes`, `^` and `$` included: at the best pause mark, else between two words,
 * else (a word longer than the limit) anywhere. Pieces are kept about equally long. Linear time.
 * @param costOf share of the limit that a phoneme takes; 1 for one of ordinary length.
 * @returns the pieces with their `^` and `$`.
 */
export function cutSentence(
  phonemes: readonly Phoneme[],
  maxPhonemes: number,
  costOf: (phoneme: Phoneme) => number = () => 1,
): Phoneme[][] {
  const room = Math.max(1, maxPhonemes - 2);
  const costs = phonemes.map(costOf);
  const pieces: Phoneme[][] = [];
  let start = 0;
  let left = costs.reduce((sum, cost) => sum + cost, 0);
  while (left > room && phonemes.length - start > 1) {
    const cut = bestCut(phonemes, costs, { start, left, room });
    const isBoundary = isWordBoundary(phonemes[cut - 1].symbol);
    pieces.push(enclose(phonemes.slice(start, isBoundary ? cut - 1 : cut)));
    // A word that fills a piece completely loses its mark, since no piece starts with a mark.
    const leaves = cut < phonemes.length && isMark(phonemes[cut]) && phonemes[cut].pauseMs === undefined;
    const next = leaves ? cut + 1 : cut;
    for (; start < next; start++) left -= costs[start];
  }
  if (start < phonemes.length) pieces.push(enclose(phonemes.slice(start)));
  return pieces;
}

/** Index after the symbol to cut behind. */
function bestCut(
  phonemes: readonly Phoneme[],
  costs: readonly number[],
  { start, left, room }: { readonly start: number; readonly left: number; readonly room: number },
): number {
  const ideal = left / Math.ceil(left / room);
  let best = start + 1;
  let bestScore = Number.NEGATIVE_INFINITY;
  let cost = costs[start];
  for (let i = start + 1; i < phonemes.length; i++) {
    const { symbol } = phonemes[i];
    const fits = cost + costs[i] <= room;
    // One more than fits, since a boundary there is dropped.
    if (!fits && !isWordBoundary(symbol)) {
      if (bestScore === Number.NEGATIVE_INFINITY) best = i;
      break;
    }
    cost += costs[i];
    if (isMark(phonemes[i])) {
      const score = (CUT_WORTH[symbol] ?? 1) - Math.abs(cost - ideal) / ideal;
      if (score > bestScore) {
        bestScore = score;
        best = i + 1;
      }
    }
    if (!fits) break;
  }
  return best;
}

function isMark({ symbol }: Phoneme): boolean {
  return isWordBoundary(symbol) || isPauseSymbol(symbol);
}

function enclose(phonemes: readonly Phoneme[]): Phoneme[] {
  const start = phonemes[0].span.start;
  const end = phonemes[phonemes.length - 1].span.end;
  return [
    { symbol: START, span: { start, end: start } },
    ...phonemes,
    { symbol: END, span: { start: end, end } },
  ];
}
