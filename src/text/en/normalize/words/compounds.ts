import { isCode } from '../context.ts';
import type { Cursor } from '../cursor.ts';
import { cardinal, digitWords, numeral, plural } from '../numbers/numbers.ts';
import { speakLetters } from './words.ts';

const CHUNK = /(?=[A-Za-z]{0,30}\d)(?=\d{0,30}[A-Za-z])[A-Za-z0-9]{2,64}/y;
/** Capitals and figures that change twice or more: a number plate or a reference, read sign by sign. */
const REFERENCE =
  /^(?=.{5,})(?:\d{1,4}[A-Z]{2,4}\d{2,6}|[A-Z]{1,3}\d{1,4}[A-Z]{1,3}\d{0,4}|\d{1,3}[A-Z]\d{2,4}[A-Z]?)$/;
const RUN = /[A-Za-z]+|\d+/g;
const SHARP = /([ACF])#(?![A-Za-z0-9])/y;
const PLUS_PLUS = /([A-Za-z])\+\+/y;
const AMPERSAND = /([A-Z]{1,3})&([A-Z]{1,3})(?![A-Za-z])('s)?/y;
const WIFI = /[Ww]i-[Ff]i(?![A-Za-z])/y;
const SINGLE = /([A-Z])[-–](?=[A-Z](?![A-Za-z0-9]))/y;

/** Digits inside a name: `A380` → "three eighty", `MP3` → "three". */
function digitsInName(digits: string): string {
  if (digits.length > 4) return digitWords(digits);
  return digits.length > 2 ? numeral(digits) : cardinal(digits);
}

function lettersInName(letters: string, shouting: boolean): string {
  const key = letters.toLowerCase();
  if (letters.length === 1) return letters.toUpperCase();
  if (letters.length <= 2 || (letters.length === 3 && !/[aeiouy]/.test(key))) {
    return Array.from(letters.toUpperCase()).join(' ');
  }
  return speakLetters(letters, shouting);
}

/** Letters and digits in one: `B2B`, `MP3`, `4K`, `H2O`. */
export function lettersAndDigits(c: Cursor): number {
  const match = c.match(CHUNK);
  if (!match) return 0;
  if (REFERENCE.test(match[0]) || (/[A-Z]/.test(match[0]) && isCode(c, match[0]))) {
    const chars = Array.from(match[0], (char) => (/\d/.test(char) ? digitWords(char) : char.toUpperCase()));
    c.say(chars.join(' '), 0, match[0].length);
    return match[0].length;
  }
  const runs = [...match[0].matchAll(RUN)];
  for (const [i, run] of runs.entries()) {
    const [text] = run;
    const end = run.index + text.length;
    if (!/\d/.test(text)) {
      c.say(lettersInName(text, c.shouting), run.index, end);
      continue;
    }
    const last = i === runs.length - 2 && runs[i + 1][0] === 's';
    c.say(last ? plural(digitsInName(text)) : digitsInName(text), run.index, last ? end + 1 : end);
    if (last) break;
  }
  return match[0].length;
}

/** `C#`, `C++`, `AT&T`, `A-Z`; and `Wi-Fi`, which is one word. */
export function letterAndSign(c: Cursor): number {
  const sharp = c.match(SHARP);
  if (sharp) {
    c.say(`${sharp[1]} sharp`, 0, 2);
    return 2;
  }
  const plus = c.match(PLUS_PLUS);
  if (plus) {
    c.say(`${plus[1].toUpperCase()} plus plus`, 0, 3);
    return 3;
  }
  const and = c.match(AMPERSAND);
  if (and) {
    const letters = (group: string): string => Array.from(group).join(' ');
    const right =
      and[3] === undefined
        ? letters(and[2])
        : `${letters(and[2]).slice(0, -1)}${and[2].at(-1)!.toLowerCase()}'s`;
    c.say(`${letters(and[1])} and ${right}`, 0, and[0].length);
    return and[0].length;
  }
  if (c.match(WIFI)) {
    c.say('wifi', 0, 5);
    return 5;
  }
  const single = c.match(SINGLE);
  if (!single) return 0;
  c.say(`${single[1]} to`, 0, 2);
  return 2;
}
