import type { Cursor } from './cursor.ts';
import { cardinal } from './numbers.ts';

const OVERRIDE = /\[([^[\]]{1,100})\]\(\/([^/()]{1,100})\/\)/y;
const LINK = /!?\[[^[\]]{0,180}\]\([^()\s]{1,60}/y;
const LINK_END = /\]\([^()\s]{1,250}\)/y;
const BULLET = /(?:[-*•‣◦▪▫–—·]|#{1,6}|>{1,3})[ \u00a0]/y;
const LIST_NUMBER = /(\d{1,3})[.)][ \u00a0]|([a-h])\)[ \u00a0]/y;
const TAG = /<\/?[a-z][a-z0-9]{0,15}(?:[ \u00a0][^<>]{0,200})?\/?>/iy;
const EMPHASIS = /[*_`~]{1,3}/y;

/** `[Sori](/ˈsɔːɹi/)`: the word spoken as the IPA says. */
export function override(c: Cursor): number {
  const match = c.match(OVERRIDE);
  if (!match) return 0;
  const from = match[0].indexOf('](/') + 3;
  // From the original: cleaning has folded letters that are symbols of their own here.
  const ipa = c.source(from, from + match[2].length).trim();
  if (ipa === '') return 0;
  c.sayIpa(ipa, 1, 1 + match[1].length);
  return match[0].length;
}

/** The brackets and the address of a link are silent; its text is read like any other. */
export function link(c: Cursor): number {
  if (c.window[0] === ']') return c.match(LINK_END)?.[0].length ?? 0;
  const match = c.match(LINK);
  if (!match) return 0;
  return match[0].startsWith('!') ? 2 : 1;
}

/** A list's bullet or number, a heading's or a quotation's mark, at the beginning of a line. */
export function lineStart(c: Cursor): number {
  if (!c.atLineStart) return 0;
  const bullet = c.match(BULLET);
  if (bullet) return bullet[0].length;
  const number = c.match(LIST_NUMBER);
  if (!number) return 0;
  const [{ length }] = number;
  const mark = number[1] ?? number[2];
  c.say(/\d/.test(mark) ? cardinal(mark) : mark.toUpperCase(), 0, mark.length);
  c.pause(',', mark.length, mark.length + 1);
  return length;
}

/** `<b>`, `</p>`, `<br/>`: silent. */
export function tag(c: Cursor): number {
  return c.match(TAG)?.[0].length ?? 0;
}

/** `*so*`, `_so_`, `` `so` ``: silent. */
export function emphasis(c: Cursor): number {
  return c.match(EMPHASIS)?.[0].length ?? 0;
}
