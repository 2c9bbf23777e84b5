import type { SpokenToken } from '../types.ts';
import { clean } from './clean.ts';
import { Cursor, type Meter } from './cursor.ts';
import { cardinal } from './numbers.ts';
import { punctuation } from './punctuation.ts';
import { word } from './words.ts';

/** Reads at the cursor, speaks what it knows and returns how many characters it took, or 0 to let the next rule try. */
type Rule = (cursor: Cursor) => number;

const NUMBER = /\d{1,200}/y;
const RULES: readonly Rule[] = [
  word,
  (c) => {
    const match = c.match(NUMBER);
    if (!match) return 0;
    c.say(cardinal(match[0]), 0, match[0].length);
    return match[0].length;
  },
  punctuation,
];

/**
 * Turns text into spoken tokens, one line after the other, left to right.
 * @param meter counts the work, for tests.
 */
export function tokenize(input: string, meter?: Meter): SpokenToken[] {
  const cleaned = clean(input);
  const tokens: SpokenToken[] = [];
  const cursor = new Cursor(cleaned, input, tokens, meter);
  for (let start = 0; start <= cleaned.text.length; ) {
    const newline = cleaned.text.indexOf('\n', start);
    const end = newline < 0 ? cleaned.text.length : newline;
    cursor.startLine(start, end);
    readLine(cursor);
    if (newline >= 0) endSentence(cursor);
    start = end + 1;
  }
  return tokens;
}

/** A line break ends the sentence, also one that stopped at a comma. */
function endSentence(cursor: Cursor): void {
  cursor.pause('.', 0, 1);
}

function readLine(c: Cursor): void {
  while (c.pos < c.end) {
    let taken = 0;
    for (const rule of RULES) {
      taken = rule(c);
      if (taken > 0) break;
    }
    c.step();
    c.moveTo(c.pos + (taken || 1));
  }
}
