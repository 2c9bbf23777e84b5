import { isCode } from '../context.ts';
import type { Cursor } from '../cursor.ts';
import { eraYear, yearOrCount } from '../dates/years.ts';
import { cardinal, decimal, digitWords, numeral, ordinal, plural, year } from './numbers.ts';
import { type FoundUnit, findUnit, sayUnit } from './units.ts';

const NUMBER =
  /(?:(?:\d{1,3}(?:,\d{2,3}){0,8},\d{3}(?![\d])|\d{1,3}(?:[ \u00a0]\d{3}){2,6}(?![\d.-])|\d{1,3}(?:\u00a0\d{3}){1,6}(?!\d)|\d{1,3}[ ]000(?!\d)|\d{1,18})(?:\.\d{1,60})?|\.\d{1,60})/y;
const EUROPEAN = /\d{1,3}(?:\.\d{3}){1,6},\d{2}(?!\d)|\d{1,3}(?:\.\d{3}){2,6}(?![\d.])/y;
const VERSION = /(\d{1,6}(?:\.\d{1,8}){2,6})(?![\d])/y;
const LETTER_VERSION = /v\.?(\d{1,6}(?:\.\d{1,8}){0,6})(?![\dA-Za-z])/y;
const ORDINAL = /(\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:st|nd|rd|th|ST|ND|RD|TH)(?![A-Za-z0-9])/y;
const DECADE = /(\d{0,3}0)'?s(?![A-Za-z0-9])/y;
const PERCENT = /[ \u00a0]?(?:%|‰|(?:percent|per cent)(?![a-z]))/y;
const MULTIPLIER = /[xX×](?![A-Za-z0-9])/y;
const SCALE = /(?:([Mm]n|bn|tn)|([MBT]))(?![A-Za-z0-9/])/y;
const SUPERSCRIPT = /[⁻]?[²³¹⁰⁴-⁹]{1,6}/y;
const DIGITS = /\d{1,200}/y;
const GLUED_PLURAL = /'?s(?![A-Za-z0-9])/y;
const NAMED =
  /^(?:room|flight|highway|route|interstate|bus|apartment|apt|suite|boeing|airbus|porsche|extension|ext|gate|train|model|area|channel|peugeot|i|hwy|rfc|ports?)\.?$/i;
const SPELLED_OUT =
  /^(?:isbn|issn|code|pin|zip|account|serial|id|password|passcode|dial|call|phone|tel|fax|hotline|ssn)[.:]?$/i;
const VERSIONED =
  /^(?:python|version|node|ios|ipados|macos|android|java|php|ruby|go|chrome|firefox|safari|ubuntu|release|v|kernel|usb|bluetooth|opengl|cuda|gpt|llama|claude|gemini|node\.?js)$/i;
const SIZE_NEXT = /x\d|×[ \u00a0]?\d{3}|[ \u00a0]x[ \u00a0]\d{3,4}(?!\d)/y;
const SIZE_BEFORE = /(?:x|×)$|\d{3,4} [x×] $/;
const STATE =
  /^(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY])$/;

/** More digits than this without a break are read one by one, unless they end in zeros. */
const MAX_PLAIN_DIGITS = 9;

/** `1.234,56` and `1.234.567`, with the point as the separator. */
export function europeanNumber(c: Cursor): number {
  const match = c.match(EUROPEAN);
  if (!match) return 0;
  c.say(decimal(match[0].replaceAll('.', '').replace(',', '.')), 0, match[0].length);
  return sayUnit(c, match[0].length, false);
}

/** `2.1.3`, `v2`: each part as a number. */
export function version(c: Cursor): number {
  const match = c.match(LETTER_VERSION) ?? c.match(VERSION);
  if (!match) return 0;
  const [{ length }, digits] = match;
  const words = versionWords(digits);
  c.say(/^v/i.test(match[0]) && !/^version$/i.test(c.before) ? `version ${words}` : words, 0, length);
  return length;
}

function versionWords(digits: string): string {
  return digits
    .split('.')
    .map((part) => (part.length > 3 && !/^20\d\d$/.test(part) ? digitWords(part) : cardinal(part)))
    .join(' point ');
}

/** Digits that are too many for a number: digit by digit. */
export function longDigits(c: Cursor): number {
  const match = c.match(DIGITS);
  if (!match || match[0].length <= MAX_PLAIN_DIGITS) return 0;
  const digits = match[0];
  if (digits.length <= 18 && /0{5}$/.test(digits) && !digits.startsWith('0')) return 0;
  c.say(digitWords(digits), 0, digits.length);
  return digits.length;
}

/** `1st`, `1990s`. */
export function ordinalOrDecade(c: Cursor): number {
  const nth = c.match(ORDINAL);
  if (nth) {
    c.say(ordinal(nth[1].replaceAll(',', '')), 0, nth[0].length);
    return nth[0].length;
  }
  const decade = c.match(DECADE);
  if (!decade) return 0;
  c.say(plural(decade[1].length === 4 ? year(decade[1]) : cardinal(decade[1])), 0, decade[0].length);
  return decade[0].length;
}

/** One side of `1920x1080` or `1024 x 768`. */
function bySize(c: Cursor, digits: string): boolean {
  if (digits.length < 3 || digits.length > 4 || digits.startsWith('0')) return false;
  return c.match(SIZE_NEXT, digits.length) !== null || SIZE_BEFORE.test(c.behind(8));
}

/** Spoken form of plain digits, which depends on the words around them. */
function plainDigits(c: Cursor, digits: string): string {
  // Behind a range's mark, what counts is the number before it.
  const prior = /^[-–]/.test(c.before) ? c.beforeThat : c.before;
  const hyphen = c.previous === '-';
  const named = /^(?:is|number|no\.?|#|[A-Z]{2})$/.test(prior) ? c.beforeThat : prior;
  if (isCode(c, digits)) return digitWords(digits);
  const dated = eraYear(c, digits);
  if (dated !== undefined) return dated;
  if (bySize(c, digits)) return numeral(digits);
  if (SPELLED_OUT.test(named) && digits.length >= 3) return digitWords(digits);
  if (digits.length === 5 && STATE.test(prior)) return digitWords(digits);
  if (NAMED.test(named) && (digits.length === 3 || digits.length === 4)) return numeral(digits);
  // F-16, Boeing 737-800, and both sides of 1920x1080
  if (hyphen && /[A-Za-z]$/.test(prior) && digits.length >= 3) return numeral(digits);
  if (/[-–]/.test(c.previous) && /^\d{4}$/.test(prior) && /^0\d$/.test(digits))
    return `oh ${digitWords(digits[1])}`;
  if (digits.length !== 4 || digits.startsWith('0')) return cardinal(digits);
  return yearOrCount(c, digits, prior);
}

/** Any number with its suffix: percent, a unit, a scale, a power. */
export function quantity(c: Cursor): number {
  const match = c.match(NUMBER);
  if (!match) return 0;
  const written = match[0];
  const { length } = written;
  const plain = /^\d+$/.test(written);
  const words = plain
    ? plainDigits(c, written)
    : VERSIONED.test(c.before) && /^\d+\.\d+$/.test(written)
      ? versionWords(written)
      : decimal(written);
  const scale = c.match(SCALE, length);
  if (scale && (scale[1] !== undefined || written.includes('.') || (scale[2] === 'M' && length > 1))) {
    const name = { m: 'million', b: 'billion', t: 'trillion' }[scale[0][0].toLowerCase()];
    c.say(`${words} ${name}`, 0, length + scale[0].length);
    return length + scale[0].length;
  }
  const attached = findAttached(c, length, written === '1');
  if (attached) {
    c.say(plain && !bySize(c, written) ? cardinal(written) : words, 0, length);
    c.say(attached.words, attached.from, attached.to);
    return attached.to;
  }
  const several = plain ? c.match(GLUED_PLURAL, length) : null;
  // Letters right behind make a name of it: 4K, 3D, 2x4.
  if (!several && /[A-Za-z]/.test(c.window[length] ?? '') && !/^x\d/.test(c.window.slice(length, length + 2)))
    return 0;
  c.say(several ? plural(words) : words, 0, length + (several?.[0].length ?? 0));
  return length + (several?.[0].length ?? 0);
}

/** Digits that no other rule matched. */
export function plainNumber(c: Cursor): number {
  const match = c.match(NUMBER);
  if (!match) return 0;
  c.say(decimal(match[0]), 0, match[0].length);
  return match[0].length;
}

/** A suffix of a number: percent, "times", a power, a unit. */
function findAttached(c: Cursor, from: number, one: boolean): FoundUnit | undefined {
  const percent = c.match(PERCENT, from);
  if (percent) {
    return { words: percent[0].includes('‰') ? 'per mille' : 'percent', from, to: from + percent[0].length };
  }
  if (c.match(MULTIPLIER, from)) return { words: 'times', from, to: from + 1 };
  const power = c.match(SUPERSCRIPT, from);
  if (power) return { words: powerWords(power[0]), from, to: from + power[0].length };
  return findUnit(c, from, one);
}

/** `²` → "squared", `⁻⁶` → "to the minus sixth". */
export function powerWords(written: string): string {
  if (written === '²') return 'squared';
  if (written === '³') return 'cubed';
  const digits = written.replace('⁻', '').normalize('NFKD');
  return `to the ${written.startsWith('⁻') ? 'minus ' : ''}${ordinal(digits)}`;
}
