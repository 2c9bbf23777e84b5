import type { Cursor } from '../cursor.ts';
import { cardinal } from '../numbers/numbers.ts';

const OVERRIDE = /\[([^[\]]{1,100})\]\(\/([^/()]{1,100})\/\)/y;
const LINK = /!?\[[^[\]]{0,180}\]\([^()\s]{1,60}/y;
const LINK_END = /\]\([^()\s]{1,250}\)/y;
const BULLET = /(?:[-*•‣◦▪▫–—·]|#{1,6}|>{1,3})[ \u00a0]/y;
/** `- [ ]` and `- [x]`: a task. */
const TASK = /\[[ xX]\][ \u00a0]/y;
/** A code block's fence with its language, a heading's underline. */
const FENCE = /(?:```|~~~|''')[A-Za-z0-9+#-]{0,20}[ \u00a0]{0,20}$/y;
const UNDERLINE = /(?:={3,80}|-{3,80}|\*{3,80}|_{3,80})[ \u00a0]{0,20}$/y;
const TABLE_RULE =
  /\|?(?:[ \u00a0]?:?-{2,40}:?[ \u00a0]?\|){1,20}(?:[ \u00a0]?:?-{2,40}:?)?[ \u00a0]{0,20}$/y;
/** `<https://example.com>`: the brackets of an address. */
const AUTOLINK = /<(?=(?:https?:\/\/|mailto:)?[A-Za-z0-9][^<>\s]{2,200}>)/y;
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

/** The brackets and the address of a link are silent. Its text is read. */
export function link(c: Cursor): number {
  if (c.window[0] === ']') return c.match(LINK_END)?.[0].length ?? 0;
  const match = c.match(LINK);
  if (!match) return 0;
  return match[0].startsWith('!') ? 2 : 1;
}

/** The bullet or number of a list, or the mark of a heading or quotation, at the beginning of a line. */
export function lineStart(c: Cursor): number {
  if (!c.atLineStart) return 0;
  const bullet = c.match(BULLET);
  if (bullet) return bullet[0].length + (c.match(TASK, bullet[0].length)?.[0].length ?? 0);
  const number = c.match(LIST_NUMBER);
  if (!number) return 0;
  const [{ length }] = number;
  const mark = number[1] ?? number[2];
  c.say(/\d/.test(mark) ? cardinal(mark) : mark.toUpperCase(), 0, mark.length);
  c.pause(',', mark.length, mark.length + 1);
  return length;
}

/** A fence, a rule or an underline that fills its line: silent. */
export function fence(c: Cursor): number {
  if (!c.atLineStart) return 0;
  return (c.match(FENCE) ?? c.match(UNDERLINE))?.[0].length ?? 0;
}

/** `|---|---|`: silent. */
export function tableRule(c: Cursor): number {
  return c.atLineStart ? (c.match(TABLE_RULE)?.[0].length ?? 0) : 0;
}

/** `<b>`, `</p>`, `<br/>`: silent, and so are the brackets of `<https://…>`. */
export function tag(c: Cursor): number {
  return c.match(TAG)?.[0].length ?? (c.match(AUTOLINK) ? 1 : 0);
}

/** `*so*`, `_so_`, `` `so` ``: silent. */
export function emphasis(c: Cursor): number {
  return c.match(EMPHASIS)?.[0].length ?? 0;
}
