import type { Cursor } from '../cursor.ts';
import { cardinal, ordinal, year } from '../numbers/numbers.ts';
import { endsSentence } from '../words/abbreviations.ts';
import { MONTH, monthByName, monthByNumber, SMALL_AMBIGUOUS } from './months.ts';
import { speakClock } from './time.ts';

const ISO =
  /(\d{4})-(\d{2})-(\d{2})(?:([T ])(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?(?![\d-])/y;
const ISO_SLASH = /([12]\d{3})[/.](\d{1,2})[/.](\d{1,2})(?![\d/])/y;
const NUMERIC = /(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d{2}|\d{2})(?![\d/]|[.-]\d)/y;
const MONTH_DAY = new RegExp(
  `(${MONTH})(\\.?)[ \\u00a0](\\d{1,2})(?:st|nd|rd|th)?(?![\\d:A-Za-z%]|[.,/]\\d)(?:([ \\u00a0]?[-–][ \\u00a0]?)(\\d{1,2})(?:st|nd|rd|th)?(?![\\d:A-Za-z]))?`,
  'y',
);
const DAY_MONTH = new RegExp(
  `(\\d{1,2})(?:st|nd|rd|th)?(?:([ \\u00a0]?[-–][ \\u00a0]?)(\\d{1,2})(?:st|nd|rd|th)?)?[ \\u00a0](of[ \\u00a0])?(${MONTH})(?![A-Za-z])(\\.?)`,
  'y',
);
const SMALL_MONTH_DAY = new RegExp(
  `(${SMALL_AMBIGUOUS})[ \\u00a0](\\d{1,2})(?:(?:st|nd|rd|th)(?![A-Za-z])|(?=,? (?:19|20)\\d\\d(?!\\d)|[.,;!?)]|$))(?![\\d:%])`,
  'y',
);
/** In lower case, a year or the end of the sentence shows that it is the month. Groups as in {@link DAY_MONTH}. */
const SMALL_DAY_MONTH = new RegExp(
  `(\\d{1,2})(?:st|nd|rd|th)?(?:([ \\u00a0]?[-–][ \\u00a0]?)(\\d{1,2})(?:st|nd|rd|th)?)?[ \\u00a0](of[ \\u00a0])?(${SMALL_AMBIGUOUS})()(?=,?[ \\u00a0](?:19|20)\\d\\d(?!\\d)|[.,;!?)]|$)`,
  'y',
);
const DAY_MONTH_YEAR = new RegExp(
  `(\\d{1,2})-((?:${MONTH}|${SMALL_AMBIGUOUS}))-(\\d{4}|\\d{2})(?![\\d-])`,
  'y',
);
const MONTH_YEAR = new RegExp(`(${MONTH})-((?:19|20)\\d{2})(?![\\d-])`, 'y');
const NUMBER_YEAR = /(0[1-9]|1[0-2])\/((?:19|20)\d{2})(?![\d/])/y;
const MONTH_ALONE = new RegExp(
  `(${MONTH})\\.(?!\\w)|${MONTH}(?=[ \\u00a0]\\d{4}(?!\\d)|[ \\u00a0]?[-–][ \\u00a0]?${MONTH}(?![A-Za-z]))`,
  'y',
);
const MONTH_WORD = new RegExp(`${MONTH}(?![A-Za-z])`, 'y');
const MONTH_DAY_SLASH = /(\d{1,2})\/(\d{1,2})(?![\d/])/y;
const DATE_BEFORE = /^(?:on|by|until|since|due|dated|before|after|from|through|till)$/i;
const WEEKDAY =
  /([Mm]on|[Tt]ues?|[Ww]ed|[Tt]hu(?:rs?)?|[Ff]ri|Sat|Sun)(\.?)(?=[ \u00a0]?[-–,/][ \u00a0]?[A-Z\d]|,[ \u00a0]\d|\.?[ \u00a0](?:\d|[A-Z][a-z]{2}\.?[ \u00a0]\d))/y;
const WEEKDAY_AFTER = /(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(\.?)(?![A-Za-z])/y;
const WEEKDAYS: Readonly<Record<string, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
};
const DAY_NAME = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}';
const NAME = `(?:${MONTH}|${DAY_NAME})`;
const NAMED_BEFORE = new RegExp(`(?:^|[ \\u00a0])${NAME}\\.?$`);
const DAY_BEFORE = /\d(?:st|nd|rd|th)?$/;
const NAMED_RANGE = new RegExp(
  `[-–][ \\u00a0]?(?=(?:\\d{1,2}(?:st|nd|rd|th)?[ \\u00a0])?${NAME}(?![A-Za-z])|(?:present|today|now)(?![A-Za-z]))`,
  'y',
);
const SMALL_YEAR_PIVOT = 70;

/** Words of a date: "January fifth , twenty twenty six", in British English "the fifth of January twenty twenty six". */
function dateWords(c: Cursor, month: string, day: string, spokenYear: string): string {
  return c.british
    ? `the ${ordinal(day)} of ${month} ${spokenYear}`
    : `${month} ${ordinal(day)} , ${spokenYear}`;
}

function isDay(digits: string): boolean {
  const value = Number(digits);
  return value >= 1 && value <= 31;
}

/** A year as written; two digits are of this century up to 69. */
export function yearWords(digits: string): string {
  if (digits.length === 4) return year(digits);
  return year(`${Number(digits) < SMALL_YEAR_PIVOT ? '20' : '19'}${digits}`);
}

/** `2026-01-05`, `2026-01-05T14:30:00Z`, `1/5/2026`, `24.12.2025`. */
export function numericDate(c: Cursor): number {
  const iso = c.match(ISO);
  if (iso) {
    const [{ length }, y, m, d, , hour, minute, second, zone] = iso;
    const month = monthByNumber(m);
    if (month !== undefined && isDay(d)) {
      c.say(dateWords(c, month, d, year(y)), 0, 10);
      if (hour !== undefined) {
        c.say(`, ${speakClock(hour, minute, second)}`, 11, length);
        if (zone !== undefined) c.say(zoneWords(zone), length - zone.length, length);
      }
      return length;
    }
  }
  const named = c.match(DAY_MONTH_YEAR);
  if (named && isDay(named[1])) {
    c.say(`the ${ordinal(named[1])} of ${monthByName(named[2])} ${yearWords(named[3])}`, 0, named[0].length);
    return named[0].length;
  }
  const monthYear = c.match(NUMBER_YEAR);
  if (monthYear) {
    c.say(`${monthByNumber(monthYear[1])} ${year(monthYear[2])}`, 0, monthYear[0].length);
    return monthYear[0].length;
  }
  const slash = c.match(ISO_SLASH);
  if (slash && monthByNumber(slash[2]) !== undefined && isDay(slash[3])) {
    c.say(dateWords(c, monthByNumber(slash[2])!, slash[3], year(slash[1])), 0, slash[0].length);
    return slash[0].length;
  }
  const numeric = c.match(NUMERIC);
  if (!numeric) return 0;
  const [{ length }, first, mark, second, y] = numeric;
  if (mark !== '/' && y.length === 2) return 0;
  // With a month of 13 or more it is written the other way round.
  const dayFirst = c.british ? Number(second) <= 12 : mark === '.' || Number(first) > 12;
  const [m, d] = dayFirst ? [second, first] : [first, second];
  const month = monthByNumber(m);
  if (month === undefined || !isDay(d)) return 0;
  c.say(dateWords(c, month, d, yearWords(y)), 0, length);
  return length;
}

function zoneWords(zone: string): string {
  if (zone === 'Z') return 'U T C';
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)];
  const sign = zone[0] === '+' ? 'plus' : 'minus';
  const half = minutes === '00' ? '' : ` ${cardinal(minutes)}`;
  return `U T C ${sign} ${cardinal(String(Number(hours)))}${half}`;
}

/** The day behind a month: British English says "January the fifth". */
function dayWords(c: Cursor, day: string): string {
  return c.british ? `the ${ordinal(day)}` : ordinal(day);
}

/** `January 5`, `Jan. 5th`, `May 5–7`; a year after it is spoken by itself. */
export function monthDay(c: Cursor): number {
  const monthYear = c.match(MONTH_YEAR);
  if (monthYear) {
    c.say(`${monthByName(monthYear[1])} ${year(monthYear[2])}`, 0, monthYear[0].length);
    return monthYear[0].length;
  }
  const small = c.match(SMALL_MONTH_DAY);
  if (small && isDay(small[2])) {
    c.say(monthByName(small[1]), 0, small[1].length);
    c.say(dayWords(c, small[2]), small[1].length + 1, small[0].length);
    return small[0].length;
  }
  const match = c.match(MONTH_DAY);
  if (!match || !isDay(match[3])) return monthAlone(c);
  const [{ length }, month, period, first, dash, last] = match;
  const firstAt = month.length + period.length + 1;
  c.say(monthByName(month), 0, firstAt - 1);
  if (last === undefined || !isDay(last)) {
    const end = dash === undefined ? length : match[0].indexOf(dash, firstAt);
    c.say(dayWords(c, first), firstAt, end);
    return end;
  }
  const dashAt = match[0].indexOf(dash, firstAt);
  c.say(dayWords(c, first), firstAt, dashAt);
  c.say('to', dashAt, dashAt + dash.length);
  c.say(dayWords(c, last), dashAt + dash.length, length);
  return length;
}

/** Whether a range from a month or weekday precedes: `Jan–`, `Mon -`. */
function behindRange(c: Cursor): boolean {
  return /^[-–]/.test(c.before) && NAMED_BEFORE.test(c.beforeThat);
}

function monthAlone(c: Cursor): number {
  const match = c.match(MONTH_ALONE) ?? (behindRange(c) ? c.match(MONTH_WORD) : null);
  if (!match) return 0;
  const [{ length }, dotted] = match;
  // A month that isn't abbreviated ends its sentence with the period, and the pause is the punctuation rule's.
  if (dotted !== undefined && (dotted.length > 4 || /^(?:May|June|July)$/.test(dotted))) return 0;
  c.say(monthByName(dotted ?? match[0]), 0, length);
  if (dotted !== undefined && endsSentence(c, length)) c.pause('.', length - 1, length);
  return length;
}

/** `5 January`, `the 5th of January`, `10–12 May`. */
export function dayMonth(c: Cursor): number {
  const match = c.match(DAY_MONTH) ?? c.match(SMALL_DAY_MONTH);
  if (!match || !isDay(match[1])) return 0;
  const [{ length }, first, dash, last, of, month, period] = match;
  const digits = /^\d+(?:st|nd|rd|th)?/.exec(match[0])![0].length;
  const written = /^\d+$/.test(match[0].slice(0, digits));
  // "The 5 May sessions" are few; "may" without a day is a verb, but has no capital then.
  c.say(`${written && !/^the$/i.test(c.before) ? 'the ' : ''}${ordinal(first)}`, 0, digits);
  let at = digits;
  if (last !== undefined) {
    c.say('to', digits, digits + dash.length);
    at = digits + dash.length + last.length;
    c.say(`the ${ordinal(last)}`, digits + dash.length, at);
  }
  const monthAt = length - period.length - month.length;
  c.say(
    'of',
    of === undefined ? monthAt : monthAt - of.length,
    of === undefined ? monthAt + month.length : monthAt - 1,
  );
  c.say(monthByName(month), monthAt, monthAt + month.length);
  const abbreviated = period === '.' && month.length <= 4 && !/^(?:May|June|July)$/.test(month);
  if (period !== '' && !abbreviated) return length - 1;
  if (period !== '' && endsSentence(c, length)) c.pause('.', length - 1, length);
  return length;
}

/** `Mon–Fri`, `June–August`: "to". */
export function namedRange(c: Cursor): number {
  if (!NAMED_BEFORE.test(c.before) && !DAY_BEFORE.test(c.before)) return 0;
  const match = c.match(NAMED_RANGE);
  if (!match) return 0;
  c.say('to', 0, match[0].length);
  return match[0].length;
}

/** `12/25` after "on", "by" and the like; `25/12` in British English. */
export function monthDaySlash(c: Cursor): number {
  if (!DATE_BEFORE.test(c.before)) return 0;
  const match = c.match(MONTH_DAY_SLASH);
  if (!match) return 0;
  const [{ length }, first, second] = match;
  const [m, d] = c.british && Number(second) <= 12 ? [second, first] : [first, second];
  const month = monthByNumber(m);
  if (month === undefined || !isDay(d)) return 0;
  if (c.british) c.say(`the ${ordinal(d)} of ${month}`, 0, length);
  else {
    c.say(month, 0, first.length);
    c.say(ordinal(d), first.length + 1, length);
  }
  return length;
}

/** `Mon–Fri`, `Sat., Jan. 3`: abbreviated weekdays, recognized by their neighbours. */
export function weekday(c: Cursor): number {
  const match = c.match(WEEKDAY) ?? (behindRange(c) ? c.match(WEEKDAY_AFTER) : null);
  if (!match) return 0;
  const [{ length }, name, period] = match;
  c.say(WEEKDAYS[name.slice(0, 3).toLowerCase()], 0, length);
  if (period !== '' && endsSentence(c, length)) c.pause('.', length - 1, length);
  return length;
}
