import type { Cursor } from '../cursor.ts';
import { cardinal, digitWords } from '../numbers/numbers.ts';

const REFERENCE = /\[(\d{1,3}(?:(?:, ?|[-–])\d{1,3}){0,9})\](?!\()/y;
const FOOTNOTE = /\[\^[A-Za-z0-9_-]{1,20}\]:?/y;
/** Words before a citation that is part of the sentence: "see [4]", "as in [7]". */
const SPOKEN_BEFORE =
  /(?:^|[^A-Za-z])(?:see|in|by|of|from|to|and|or|with|ref\.?|refs\.?|reference|references|cf\.?|also|per)[ \u00a0]$/i;
const DOI = /doi:[ \u00a0]?10\.(\d{4,9})\//iy;

/** A numbered citation, `[3]` or `[4-7]`: silent, or "reference three" where it is part of the sentence. Footnote marks are silent. */
export function citation(c: Cursor): number {
  const footnote = c.match(FOOTNOTE);
  if (footnote) return footnote[0].length;
  const match = c.match(REFERENCE);
  // `a[1]`: an index.
  if (!match || (c.atLineStart && c.pos === 0)) return 0;
  if (!SPOKEN_BEFORE.test(c.behind())) {
    return /[A-Za-z]/.test(c.previous) && c.previous === c.before ? 0 : match[0].length;
  }
  const many = /\D/.test(match[1]);
  const words = match[1]
    .replace(/[-–]/g, ' to ')
    .replace(/,/g, ' , ')
    .split(' ')
    .map((part) => (/^\d+$/.test(part) ? cardinal(part) : part))
    .join(' ');
  c.say(`${many ? 'references' : 'reference'} ${words}`, 0, match[0].length);
  return match[0].length;
}

/** `doi:` before its number. */
export function doi(c: Cursor): number {
  const match = c.match(DOI);
  if (!match) return 0;
  c.say(`D O I ten point ${digitWords(match[1])} slash`, 0, match[0].length);
  return match[0].length;
}
