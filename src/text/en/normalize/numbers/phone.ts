import { isDialed } from '../context.ts';
import type { Cursor } from '../cursor.ts';
import { cardinal, digitWords } from './numbers.ts';

const PHONE =
  /(?:\+?\d{1,3}[ .\u00a0-])?(?:\d{3}([ .\u00a0-])\d{3}\1\d{4}|\(\d{2,4}\)[ \u00a0.-]?\d{3,4}[ .\u00a0-]\d{3,4})(?![\d,]|[.-]\d)/y;
const INTERNATIONAL = /\+(\d{1,3})((?:[ .\u00a0-]\d{1,4}){2,7}|(?:[ .\u00a0-]\d{2,8}){2,3})(?![\d-])/y;
const LOCAL = /([2-9]\d{2})-(\d{4})(?![\d-])/y;
const ZIP_PLUS_FOUR = /\d{5}-\d{4}(?![\d-])/y;
const VANITY = /1-(8\d{2}|900)-(?=[A-Z])/y;
const GROUPS = /\d{1,8}(?:-\d{1,8}){2,8}(?:-[Xx](?![A-Za-z]))?(?![\d-])/y;
const CARD = /\d{4}(?:[ \u00a0]\d{4}){2,4}(?![\d.,])/y;
const E164 = /\+(\d{8,15})(?!\d)/y;
const TRUNK = /0\d{2,4}[ \u00a0-]\d{3,4}[ \u00a0-]\d{3,4}(?![\d-])|0\d{4}[ \u00a0]\d{6}(?!\d)/y;
const BARE = /\d{10}(?!\d)|\d{7}(?!\d)|1\d{10}(?!\d)|0\d{9,10}(?!\d)|\d{3}(?!\d)/y;
const LOCAL_SPACED = /\d{3}[ \u00a0]\d{4}(?!\d)/y;
const SLASHED = /\d{3}\/\d{3}-\d{4}(?![\d-])/y;
/** Country codes of two digits, https://www.itu.int/rec/T-REC-E.164; 1 and 7 have one, the others three. */
const TWO_DIGITS = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
/** Hyphenated groups with fewer digits than this are a formation or a score: `4-4-2`. */
const MIN_ID_DIGITS = 7;

/** A phone number's group: digit by digit, but `800` as "eight hundred". */
export function groupWords(group: string): string {
  return /^[89]00$/.test(group) ? cardinal(group) : digitWords(group);
}

function sayGroups(c: Cursor, text: string): number {
  let first = true;
  for (const match of text.matchAll(/\d+|[Xx]$/g)) {
    const from = match.index;
    if (!first) c.pause(',', from, from);
    c.say(/\d/.test(match[0]) ? groupWords(match[0]) : 'X', from, from + match[0].length);
    first = false;
  }
  return text.length;
}

/** Groups of a number written without any: 3-4, 3-3-4, 1-3-3-4. */
function ungrouped(digits: string): string[] {
  const lead = digits.length === 11 && digits.startsWith('1') ? 1 : digits.length % 10 === 1 ? 1 : 0;
  const rest = digits.slice(lead);
  const groups =
    rest.length <= 4
      ? [rest]
      : rest.length <= 7
        ? [rest.slice(0, -4), rest.slice(-4)]
        : [rest.slice(0, -7), rest.slice(-7, -4), rest.slice(-4)];
  return lead === 0 ? groups : [digits.slice(0, lead), ...groups];
}

/** `+14155552671` by its country code and groups. */
function international(digits: string): string[] {
  const code = /^[17]/.test(digits) ? 1 : TWO_DIGITS.test(digits) ? 2 : 3;
  const rest = digits.slice(code);
  const mobile = digits.startsWith('821') && rest.length === 10;
  return [
    digits.slice(0, code),
    ...(mobile ? [rest.slice(0, 2), rest.slice(2, 6), rest.slice(6)] : ungrouped(rest)),
  ];
}

function sayList(c: Cursor, groups: readonly string[], from: number): void {
  let at = from;
  for (const group of groups) {
    if (at > from) c.pause(',', at, at);
    c.say(groupWords(group), at, at + group.length);
    at += group.length;
  }
}

/** A telephone number that is recognized by its context or starts with a country code. */
function unmarked(c: Cursor): number {
  const full = c.match(E164);
  if (full) {
    c.say('plus', 0, 1);
    sayList(c, international(full[1]), 1);
    return full[0].length;
  }
  const trunk = c.match(TRUNK) ?? c.match(SLASHED);
  if (trunk) return sayGroups(c, trunk[0]);
  if (!isDialed(c)) return 0;
  const spaced = c.match(LOCAL_SPACED);
  if (spaced) return sayGroups(c, spaced[0]);
  const bare = c.match(BARE);
  if (!bare) return 0;
  sayList(c, ungrouped(bare[0]), 0);
  return bare[0].length;
}

/** Phone numbers, starting with a digit, `+` or `(`. */
export function phone(c: Cursor): number {
  const match = c.match(PHONE) ?? c.match(INTERNATIONAL);
  if (match) {
    if (match[0].startsWith('+')) c.say('plus', 0, 1);
    return sayGroups(c, match[0]);
  }
  const vanity = c.match(VANITY) ?? c.match(ZIP_PLUS_FOUR);
  if (vanity) return sayGroups(c, vanity[0]);
  const local = c.match(LOCAL);
  if (
    local &&
    !/^(?:of|from|between|pages?|lines?)$/i.test(c.before) &&
    !local[1].endsWith('00') &&
    !local[2].endsWith('00')
  ) {
    return sayGroups(c, local[0]);
  }
  return unmarked(c);
}

/** ISBNs, card numbers and other groups of digits. */
export function digitGroups(c: Cursor): number {
  const card = c.match(CARD);
  if (card) return sayGroups(c, card[0]);
  const groups = c.match(GROUPS);
  if (groups) {
    if (groups[0].replace(/\D/g, '').length >= MIN_ID_DIGITS) return sayGroups(c, groups[0]);
    for (const part of groups[0].matchAll(/\d+/g)) {
      c.say(cardinal(part[0]), part.index, part.index + part[0].length);
    }
    return groups[0].length;
  }
  return 0;
}
