import { normalize } from '../../../text/en/normalize.ts';

/** A piece of a long text, which is synthesized separately. */
export interface TextPiece {
  readonly text: string;
  /** How it ends; this determines the pause after it. */
  readonly ends: 'paragraph' | 'sentence' | 'clause' | 'word' | 'text';
}

/** Most characters of a piece, about a minute and a half. Short pieces limit the loss after a crash and the memory of an isolate. */
export const PIECE_CHARACTERS = 1200;

/** Pause after a piece, in ms at speed 1. */
const PAUSES: Readonly<Record<TextPiece['ends'], number>> = {
  paragraph: 700,
  sentence: 400,
  clause: 190,
  word: 60,
  text: 0,
};

/** Milliseconds of silence after a piece, by the `pauses` and the `speed` of its request. */
export function pauseAfter(
  { ends }: Pick<TextPiece, 'ends'>,
  { pauses, speed }: { readonly pauses: number; readonly speed: number },
): number {
  return Math.round((PAUSES[ends] * pauses) / speed);
}

interface Place {
  readonly at: number;
  readonly ends: TextPiece['ends'];
}

/**
 * Cuts a text into pieces of at most `most` UTF-16 code units, each as long as possible: at the end of a paragraph if one is in the
 * second half of the limit, else of a sentence, a clause or a word. Only a word that is longer than the limit is cut. Every spoken character is in
 * one piece, once and in order.
 */
export function cutText(text: string, most = PIECE_CHARACTERS): TextPiece[] {
  const places = placesIn(text);
  const pieces: TextPiece[] = [];
  let from = 0;
  let first = 0;
  while (from < text.length) {
    while (first < places.length && places[first].at <= from) first++;
    const { at, ends } = placeToCut(text, places, first, from, most);
    const piece = text.slice(from, at).trim();
    // Drop pieces with only punctuation and white space.
    if (/[\p{L}\p{N}\p{S}]/u.test(piece)) pieces.push({ text: piece, ends });
    from = at;
    while (/\s/.test(text[from] ?? '')) from++;
  }
  const last = pieces.pop();
  return last === undefined ? [] : [...pieces, { text: last.text, ends: 'text' }];
}

const RANK: readonly TextPiece['ends'][] = ['paragraph', 'sentence', 'clause', 'word'];

function placeToCut(
  text: string,
  places: readonly Place[],
  first: number,
  from: number,
  most: number,
): Place {
  if (text.length - from <= most) return { at: text.length, ends: 'text' };
  const end = from + most;
  const best: Partial<Record<TextPiece['ends'], Place>> = {};
  for (let i = first; i < places.length && places[i].at <= end; i++) best[places[i].ends] = places[i];
  const fits = RANK.flatMap((ends) => best[ends] ?? []);
  const late = fits.find(({ at }) => at - from >= most / 2);
  // Do not cut a surrogate pair.
  const cut = /[\uD800-\uDBFF]/.test(text[end - 1]) ? end - 1 : end;
  return late ?? fits[0] ?? { at: cut, ends: 'word' };
}

/** Positions where a text may be cut, in order. */
function placesIn(text: string): Place[] {
  const ends = new Map<number, TextPiece['ends']>();
  for (const { index } of text.matchAll(/\s+/g)) ends.set(index, 'word');
  // The front end finds the ends of sentences: "Dr. Lee" has none.
  for (const token of normalize(text)) {
    if (token.kind !== 'pause') continue;
    const at = /^["'”’»)\]]*(?=\s)/.exec(text.slice(token.span.end, token.span.end + 8));
    if (at === null) continue;
    ends.set(token.span.end + at[0].length, /[.?!]/.test(token.text) ? 'sentence' : 'clause');
  }
  // Anchored at the first blank of a run, because matching at each blank would take quadratic time.
  for (const { index } of text.matchAll(/(?<![^\S\n])[^\S\n]*\n[^\S\n]*\n\s*/g)) ends.set(index, 'paragraph');
  return [...ends].map(([at, what]) => ({ at, ends: what })).sort((a, b) => a.at - b.at);
}
