import { normalize } from '../../../text/en/normalize.ts';

/** A piece of a long text, spoken by itself. */
export interface TextPiece {
  readonly text: string;
  /** What it ends with; decides the pause behind it. */
  readonly ends: 'paragraph' | 'sentence' | 'clause' | 'word' | 'text';
}

/** Characters of a piece at most: about a minute and a half. Less is lost when a server dies, and no isolate has to hold much. */
export const PIECE_CHARACTERS = 1200;

interface Place {
  readonly at: number;
  readonly ends: TextPiece['ends'];
}

/**
 * Cuts a text into pieces of `most` UTF-16 code units at most, each as long as may be: at the end of a paragraph if one lies in the
 * second half of what fits, else of a sentence, a clause, a word; nowhere else unless a word alone is longer. All that is spoken is in
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
    // Marks and white space alone are nothing to speak.
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
  // A surrogate pair stays whole.
  const cut = /[\uD800-\uDBFF]/.test(text[end - 1]) ? end - 1 : end;
  return late ?? fits[0] ?? { at: cut, ends: 'word' };
}

/** Where a text may be cut, in order. */
function placesIn(text: string): Place[] {
  const ends = new Map<number, TextPiece['ends']>();
  for (const { index } of text.matchAll(/\s+/g)) ends.set(index, 'word');
  // The front end knows which points end a sentence: "Dr. Lee" has none.
  for (const token of normalize(text)) {
    if (token.kind !== 'pause') continue;
    const at = /^["'”’»)\]]*(?=\s)/.exec(text.slice(token.span.end, token.span.end + 8));
    if (at === null) continue;
    ends.set(token.span.end + at[0].length, /[.?!]/.test(token.text) ? 'sentence' : 'clause');
  }
  // Begins where a blank follows none: tried at each blank of a long run, it would take the square of its length.
  for (const { index } of text.matchAll(/(?<![^\S\n])[^\S\n]*\n[^\S\n]*\n\s*/g)) ends.set(index, 'paragraph');
  return [...ends].map(([at, what]) => ({ at, ends: what })).sort((a, b) => a.at - b.at);
}
