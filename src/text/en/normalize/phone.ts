import type { Cursor } from './cursor.ts';
import { cardinal, digitWords } from './numbers.ts';

const PHONE =
  /(?:\+?\d{1,3}[ .\u00a0-])?(?:\d{3}([ .\u00a0-])\d{3}\1\d{4}|\(\d{2,4}\)[ \u00a0.-]?\d{3,4}[ .\u00a0-]\d{3,4})(?![\d,]|[.-]\d)/y;
const INTERNATIONAL = /\+(\d{1,3})((?:[ .\u00a0-]?\d{2,4}){2,5})(?![\d-])/y;
const LOCAL = /([2-9]\d{2})-(\d{4})(?![\d-])/y;
const ZIP_PLUS_FOUR = /\d{5}-\d{4}(?![\d-])/y;
const VANITY = /1-(8\d{2}|900)-(?=[A-Z])/y;
const GROUPS = /\d{1,8}(?:-\d{1,8}){2,8}(?:-[Xx](?![A-Za-z]))?(?![\d-])/y;
const CARD = /\d{4}(?:[ \u00a0]\d{4}){2,4}(?![\d.,])/y;
const ADDRESS = /\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/y;
/** Fewer digits than this in groups by hyphens are a formation or a score: `4-4-2`. */
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
  return 0;
}

/** ISBNs, card numbers and other groups of digits; internet addresses. */
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
  const address = c.match(ADDRESS);
  if (!address) return 0;
  let at = 0;
  for (const part of address[0].split('.')) {
    if (at > 0) c.say('dot', at - 1, at);
    c.say(part.length < 3 ? cardinal(part) : digitWords(part), at, at + part.length);
    at += part.length + 1;
  }
  return address[0].length;
}
