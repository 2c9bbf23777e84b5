import type { Cursor } from '../cursor.ts';

const QUOTE = '"';
const END_MARKS = /[.?!…]{1,40}/y;
const DASHES = /[—–]|-{1,40}/y;

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
  // foo(), list[]
  if (/[A-Za-z0-9_]/.test(c.previous) && /^(?:\(\)|\[\]|\{\})/.test(c.window)) return 2;
  if (c.window[0] === '>') return 1;
  if ('()[]{}|'.includes(char)) {
    c.softPause(0, 1);
    return 1;
  }
  const marks = c.match(END_MARKS);
  if (marks) {
    const run = marks[0];
    // foo.bar, beta.4
    if (run === '.' && /[a-z]/.test(c.previous) && /[a-z\d]/.test(c.window[1] ?? '')) {
      c.say(/\d/.test(c.window[1]) ? 'point' : 'dot', 0, 1);
      return 1;
    }
    const mark = run.includes('?') ? '?' : run.includes('!') ? '!' : run === '.' ? '.' : '…';
    // `..` is a slip for a full stop
    c.pause(run === '..' ? '.' : mark, 0, run.length);
    return run.length;
  }
  return dash(c);
}

/** A dash is a pause. A hyphen, or a short dash between two words, only separates them. */
function dash(c: Cursor): number {
  const match = c.match(DASHES);
  if (!match) return 0;
  const [{ length }] = match;
  const next = c.window[length] ?? ' ';
  const parted = c.previous === '' || /[ \u00a0"(]/.test(c.previous) || /[ \u00a0]/.test(next);
  const spaced = c.previous.trim() === '' && next.trim() === '';
  if (match[0] === '—' || (length > 1 && match[0][0] === '-') || (match[0] === '–' && parted) || spaced) {
    c.pause('—', 0, length);
  }
  return length;
}
