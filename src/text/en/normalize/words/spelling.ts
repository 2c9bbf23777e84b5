import type { Cursor } from '../cursor.ts';
import { numeral } from '../numbers/numbers.ts';
import { speakLetters } from './words.ts';

const SPELLED = /[A-Za-z](?:-[A-Za-z]){2,30}(?![A-Za-z0-9'-])/y;
const PAIR = /([A-Z])-([A-Z])(?![A-Za-z0-9'-])/y;
const SPELL_BEFORE = /^(?:write|writes|wrote|spell|spells|spelled|type|typed|letters)$/i;
const KEYS: Readonly<Record<string, string>> = {
  ctrl: 'control',
  control: 'control',
  alt: 'alt',
  cmd: 'command',
  command: 'command',
  shift: 'shift',
  option: 'option',
  opt: 'option',
  win: 'windows',
  windows: 'windows',
  meta: 'meta',
  super: 'super',
  fn: 'function',
  del: 'delete',
  esc: 'escape',
  ins: 'insert',
  pgup: 'page up',
  pgdn: 'page down',
  prtsc: 'print screen',
};
const SHORTCUT =
  /(?:ctrl|control|alt|cmd|command|shift|option|opt|win|windows|meta|super|fn)(?:[+-](?:[A-Za-z]{1,9}\d{0,2}|\d{1,2})){1,4}(?![A-Za-z0-9])/iy;
const FLAG = /(-{1,2})([A-Za-z][A-Za-z0-9]{0,30}(?:-[A-Za-z0-9]{1,30}){0,6})(?=[ \u00a0=,.;:)\]'"]|$)/y;
const DOTTED_NAME = /\.([A-Za-z][A-Za-z0-9]{1,20})(?![A-Za-z0-9@]|\.[A-Za-z0-9])/y;

/** A word spelled out letter by letter: `J-O-H-N`, `c-a-t`, `N-O`. `A-Z` is a range. */
export function spelledOut(c: Cursor): number {
  if (/[A-Za-z0-9-]/.test(c.previous)) return 0;
  const match = c.match(SPELLED) ?? spelledPair(c);
  if (!match) return 0;
  for (let at = 0; at < match[0].length; at += 2) c.say(match[0][at].toUpperCase(), at, at + 1);
  return match[0].length;
}

function spelledPair(c: Cursor): RegExpExecArray | null {
  const pair = c.match(PAIR);
  if (!pair) return null;
  const distance = pair[2].charCodeAt(0) - pair[1].charCodeAt(0);
  return distance <= 1 || SPELL_BEFORE.test(c.before) ? pair : null;
}

/** `Ctrl+C`, `Cmd+Shift+4`, `Ctrl-V`: keys by their names. */
export function shortcut(c: Cursor): number {
  const match = c.match(SHORTCUT);
  if (!match || /[A-Za-z0-9-]/.test(c.previous)) return 0;
  let at = 0;
  for (const [i, part] of match[0].split(/([+-])/).entries()) {
    const end = at + part.length;
    if (i % 2 === 0) c.say(keyName(part), at, end);
    else if (part === '+') c.say('plus', at, end);
    at = end;
  }
  return match[0].length;
}

function keyName(key: string): string {
  const known = Object.hasOwn(KEYS, key.toLowerCase()) ? KEYS[key.toLowerCase()] : undefined;
  if (known !== undefined) return known;
  const [letters, digits] = [key.replace(/\d/g, ''), key.replace(/\D/g, '')];
  const words = letters.length === 1 ? letters.toUpperCase() : letters === '' ? '' : speakLetters(letters);
  return digits === '' ? words : `${words} ${numeral(digits)}`.trim();
}

/** A command's option, `--verbose` or `-m`. */
export function commandFlag(c: Cursor): number {
  if (c.previous !== '' && !/[ \u00a0(["']/.test(c.previous)) return 0;
  const match = c.match(FLAG);
  if (!match) return 0;
  const [{ length }, dashes, name] = match;
  // One hyphen before a word may be a dash; before one letter behind a number, a minus.
  if (dashes === '-' && (name.length > 1 || c.before === '' || /^[\dA-Za-z]$|\d$/.test(c.before))) return 0;
  c.say(dashes === '-' ? 'dash' : 'dash dash', 0, dashes.length);
  c.say(name.split('-').map(keyName).join(' '), dashes.length, length);
  return length;
}

/** `.NET`, `.env`: a name that starts with a dot. */
export function dottedName(c: Cursor): number {
  if (c.previous !== '' && !/[ \u00a0("']/.test(c.previous)) return 0;
  const match = c.match(DOTTED_NAME);
  if (!match) return 0;
  const name = /^net$/i.test(match[1]) ? 'net' : keyName(match[1]);
  c.say('dot', 0, 1);
  c.say(name, 1, match[0].length);
  return match[0].length;
}
