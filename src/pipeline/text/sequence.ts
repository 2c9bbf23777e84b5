import { BOUNDARY, END, isPauseSymbol, START } from './symbols.ts';
import type { Phoneme, Span, Utterance } from './types.ts';

/** A spoken word: its symbols (several lists where an override holds several words) and its place in the text. */
export interface SpokenWord {
  readonly parts: readonly (readonly string[])[];
  readonly span: Span;
  /** The mark that follows, if any. */
  readonly pause: Phoneme | undefined;
}

/** Worth of cutting at a mark against the distance from the ideal place, which counts from 0 to 1. */
const CUT_WORTH: Readonly<Record<string, number>> = {
  [BOUNDARY]: 0,
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
      phonemes.push({ symbol: BOUNDARY, span: { start: at, end: at } });
    }
  }
  return phonemes;
}

/**
 * Cuts a sentence into utterances of at most `maxPhonemes` symbols each, `^` and `$` included: at the best pause mark, else
 * between two words, else (a word longer than the limit) anywhere. Pieces are kept about equally long. Linear time.
 */
export function cutUtterances(phonemes: readonly Phoneme[], maxPhonemes: number, sentence = 0): Utterance[] {
  const room = Math.max(1, maxPhonemes - 2);
  const utterances: Utterance[] = [];
  let start = 0;
  while (phonemes.length - start > room) {
    const cut = bestCut(phonemes, start, room);
    const isBoundary = phonemes[cut - 1].symbol === BOUNDARY;
    utterances.push(enclose(phonemes.slice(start, isBoundary ? cut - 1 : cut), sentence));
    // A word that filled the piece to the brim leaves its mark behind: no utterance starts with one.
    start = cut < phonemes.length && isMark(phonemes[cut]) ? cut + 1 : cut;
  }
  if (start < phonemes.length) utterances.push(enclose(phonemes.slice(start), sentence));
  return utterances;
}

/** Index after the symbol to cut behind. */
function bestCut(phonemes: readonly Phoneme[], start: number, room: number): number {
  const left = phonemes.length - start;
  const ideal = left / Math.ceil(left / room);
  let best = start + room;
  let bestScore = Number.NEGATIVE_INFINITY;
  // One more than fits: a boundary there is dropped anyway.
  for (let i = start + 1; i <= start + room && i < phonemes.length; i++) {
    const { symbol } = phonemes[i];
    if (!isMark(phonemes[i]) || (i === start + room && symbol !== BOUNDARY)) continue;
    const score = (CUT_WORTH[symbol] ?? 1) - Math.abs(i + 1 - start - ideal) / ideal;
    if (score > bestScore) {
      bestScore = score;
      best = i + 1;
    }
  }
  return best;
}

function isMark({ symbol }: Phoneme): boolean {
  return symbol === BOUNDARY || isPauseSymbol(symbol);
}

function enclose(phonemes: readonly Phoneme[], sentence: number): Utterance {
  const start = phonemes[0].span.start;
  const end = phonemes[phonemes.length - 1].span.end;
  return {
    phonemes: [
      { symbol: START, span: { start, end: start } },
      ...phonemes,
      { symbol: END, span: { start: end, end } },
    ],
    span: { start, end },
    sentence,
  };
}
