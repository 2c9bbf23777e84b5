import type { Cursor } from './cursor.ts';

const QUOTE = '"';
const END_MARKS = /[.?!…]{1,40}/y;
const DASHES = /[ \u00a0]?(?:—|–|-{2,8}|(?<=[ \u00a0])-(?=[ \u00a0]|$))/y;

/** Marks that pause: sentence ends, commas, dashes, brackets. Quotes are silent. */
export function punctuation(c: Cursor): number {
  const char = c.window[0];
  if (char === QUOTE) {
    c.quoteOpen = !c.quoteOpen;
    return 1;
  }
  if (char === ',' || char === ';') {
    c.pause(char, 0, 1);
    return 1;
  }
  if (char === ':') {
    const colons = c.window[1] === ':' ? 2 : 1;
    if (colons === 1) c.pause(':', 0, 1);
    return colons;
  }
  if ('()[]{}|'.includes(char)) {
    c.pause(',', 0, 1);
    return 1;
  }
  const marks = c.match(END_MARKS);
  if (marks) {
    const run = marks[0];
    const mark = run.includes('?') ? '?' : run.includes('!') ? '!' : run === '.' ? '.' : '…';
    // `..` is a slip for a full stop
    c.pause(run === '..' ? '.' : mark, 0, run.length);
    return run.length;
  }
  const dash = c.match(DASHES);
  if (dash) {
    c.pause('—', 0, dash[0].length);
    return dash[0].length;
  }
  return 0;
}
