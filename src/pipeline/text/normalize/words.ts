import type { Cursor } from './cursor.ts';

const WORD = /[A-Za-z]{1,64}(?:'[A-Za-z]{1,32}){0,4}/y;

/** A plain word. */
export function word(c: Cursor): number {
  const match = c.match(WORD);
  if (!match) return 0;
  const text = match[0].toLowerCase();
  c.say(text.length === 1 && text !== 'a' && text !== 'i' ? text.toUpperCase() : text, 0, text.length);
  return text.length;
}
