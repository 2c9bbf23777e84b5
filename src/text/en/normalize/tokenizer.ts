import type { Span, SpokenToken } from '../../types.ts';
import { networkAddress } from './addresses/network.ts';
import { houseNumber, streetPart } from './addresses/postal.ts';
import { address, path, tag } from './addresses/web.ts';
import { clean } from './clean.ts';
import { Cursor, type Meter } from './cursor.ts';
import { dayMonth, monthDay, monthDaySlash, namedRange, numericDate, weekday } from './dates/dates.ts';
import { time } from './dates/time.ts';
import { unwrapLines } from './lines.ts';
import { citation, doi } from './markup/citations.ts';
import { latex } from './markup/latex.ts';
import { emphasis, fence, lineStart, link, tag as markupTag, override, tableRule } from './markup/markup.ts';
import { fraction } from './numbers/fractions.ts';
import { codedMoney, currencySymbol, money, suffixedMoney } from './numbers/money.ts';
import { digitGroups, phone } from './numbers/phone.ts';
import {
  europeanNumber,
  longDigits,
  ordinalOrDecade,
  plainNumber,
  quantity,
  version,
} from './numbers/quantity.ts';
import { romanListMark, romanNumeral } from './numbers/roman.ts';
import { feetInches } from './numbers/units.ts';
import { emoji, emoticon } from './symbols/emoji.ts';
import { punctuation } from './symbols/punctuation.ts';
import { betweenNumbers, elision, phoneKey, shorthand, sign, slash, symbol } from './symbols/symbols.ts';
import { abbreviation, initials } from './words/abbreviations.ts';
import { letterAndSign, lettersAndDigits } from './words/compounds.ts';
import { commandFlag, dottedName, shortcut, spelledOut } from './words/spelling.ts';
import { word } from './words/words.ts';

/** Speaks the text at the cursor and returns the number of characters, or 0 if the rule doesn't apply. */
type Rule = (cursor: Cursor) => number;

/** Rules in order, with the names that tools show. */
function inOrder(rules: Readonly<Record<string, Rule>>): readonly (readonly [name: string, rule: Rule])[] {
  return Object.entries(rules);
}
type Rules = ReturnType<typeof inOrder>;

/** In order: specific rules before general ones. */
const AT_LETTER = inOrder({
  romanListMark,
  lineStart,
  betweenNumbers,
  doi,
  networkAddress,
  spelledOut,
  shortcut,
  address,
  shorthand,
  sign,
  streetPart,
  romanNumeral,
  initials,
  weekday,
  monthDay,
  codedMoney,
  money,
  version,
  letterAndSign,
  abbreviation,
  lettersAndDigits,
  word,
});
const AT_DIGIT = inOrder({
  lineStart,
  emoji,
  networkAddress,
  numericDate,
  address,
  phone,
  digitGroups,
  europeanNumber,
  version,
  time,
  dayMonth,
  houseNumber,
  monthDaySlash,
  feetInches,
  longDigits,
  suffixedMoney,
  fraction,
  ordinalOrDecade,
  quantity,
  lettersAndDigits,
  plainNumber,
});
const AT_MARK = inOrder({
  override,
  latex,
  citation,
  link,
  fence,
  tableRule,
  markupTag,
  emoticon,
  lineStart,
  path,
  networkAddress,
  dottedName,
  commandFlag,
  money,
  phone,
  phoneKey,
  tag,
  betweenNumbers,
  namedRange,
  sign,
  fraction,
  decimalPoint,
  slash,
  elision,
  currencySymbol,
  symbol,
  emphasis,
  punctuation,
  emoji,
});

/**
 * Turns text into spoken tokens, one line after the other, left to right.
 * @param meter counts the work, for tests.
 * @param onUnread called for every range of the input that has no spoken form, in order.
 * @param british whether numbers and dates are said as in British English.
 */
export function tokenize(
  input: string,
  meter?: Meter,
  onUnread?: (span: Span) => void,
  british = false,
): SpokenToken[] {
  const cleaned = unwrapLines(clean(input));
  const tokens: SpokenToken[] = [];
  const cursor = new Cursor(cleaned, input, tokens, meter, british);
  for (let start = 0; start <= cleaned.text.length; ) {
    const newline = cleaned.text.indexOf('\n', start);
    const end = newline < 0 ? cleaned.text.length : newline;
    cursor.startLine(start, end);
    cursor.shouting = isShouted(cleaned.text, start, end);
    readLine(cursor);
    // A line break ends the sentence, also one that stopped at a comma.
    if (newline >= 0 && !introduces(cursor, cleaned.text, newline)) cursor.endSentence();
    start = end + 1;
  }
  if (onUnread) for (const span of cursor.unread) onUnread(span);
  return tokens;
}

/** "Bring these:" before a list keeps its colon. */
function introduces(c: Cursor, text: string, newline: number): boolean {
  const last = c.tokens.at(-1);
  return (
    last?.kind === 'pause' && last.text === ':' && /^[^\n]*\S/.test(text.slice(newline + 1, newline + 40))
  );
}

function readLine(c: Cursor): void {
  while (c.pos < c.end) {
    c.step();
    const char = c.window[0];
    if (char === ' ' || char === '\u00a0') {
      c.moveTo(c.pos + 1);
      continue;
    }
    const taken = firstTaken(c, rulesFor(char)) || leaveOut(c);
    c.moveTo(c.pos + taken);
    c.atLineStart = false;
  }
}

function rulesFor(char: string): Rules {
  if ((char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z')) return AT_LETTER;
  return char >= '0' && char <= '9' ? AT_DIGIT : AT_MARK;
}

function firstTaken(c: Cursor, rules: Rules): number {
  const spoken = c.tokens.length;
  for (const [name, rule] of rules) {
    c.rule = name;
    const taken = rule(c);
    if (taken === 0) continue;
    c.remember(c.window.slice(0, taken).trim(), c.tokens.length > spoken);
    return taken;
  }
  return 0;
}

/** Skips one character that no rule matches. */
function leaveOut(c: Cursor): number {
  const length = c.window.codePointAt(0)! > 0xffff ? 2 : 1;
  c.leaveOut(length);
  return length;
}

/** `.5`, but not the period of `end.5`. */
function decimalPoint(c: Cursor): number {
  return c.window[0] === '.' && /\d/.test(c.window[1] ?? '') && !/[\w.)]/.test(c.previous) ? quantity(c) : 0;
}

/** Whether a line has several words, all in capitals. */
function isShouted(text: string, start: number, end: number): boolean {
  let upper = 0;
  let lower = 0;
  let words = 0;
  for (let at = start; at < end; at++) {
    const char = text[at];
    if (char >= 'a' && char <= 'z') lower++;
    else if (char >= 'A' && char <= 'Z') {
      upper++;
      if (
        at > start &&
        text[at - 1] >= 'A' &&
        text[at - 1] <= 'Z' &&
        !(text[at - 2] >= 'A' && text[at - 2] <= 'Z')
      )
        words++;
    }
  }
  return words >= 3 && lower * 10 < upper;
}
