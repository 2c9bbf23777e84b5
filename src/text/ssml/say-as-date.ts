import { yearWords } from '../en/normalize/dates/dates.ts';
import { MONTH, monthByName, monthByNumber } from '../en/normalize/dates/months.ts';
import { ordinal } from '../en/normalize/numbers/numbers.ts';
import { quote, Unreadable } from './place.ts';

/** Orders of a date's parts that `format` may name. */
const FORMATS = ['mdy', 'dmy', 'ymd', 'ydm', 'md', 'dm', 'ym', 'my', 'd', 'm', 'y'];
const MONTH_NAME = new RegExp(`^${MONTH}$`, 'i');
const DAY = /^(\d{1,2})(?:st|nd|rd|th)?$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * A date as words: "march fourth , twenty twenty six".
 * @param format order of the parts, `mdy` and the like; without one it is detected, with the month first if both are possible.
 * @throws {Unreadable} when it is no date of that format.
 */
export function sayDate(value: string, format: string | undefined): string {
  const order = format === undefined ? undefined : dateOrder(format);
  // Amazon writes question marks for the parts that are left out: ????0922.
  const partial = /^\?+(\d{2})(\d{2})$/.exec(value);
  if (partial) {
    const date = inOrder(partial.slice(1), 'md');
    if (date) return date;
  }
  const parts = partsOf(value, order);
  const date =
    order === undefined ? guess(parts) : parts.length === order.length ? inOrder(parts, order) : undefined;
  if (!date) {
    const as = order === undefined ? 'a date. Try 2026-03-04' : `a date of format ${order}`;
    throw new Unreadable(`${quote(value)} can't be read as ${as}.`);
  }
  return date;
}

/** The order that a format names: `mdy`, `yyyymmdd` and `y-m-d` alike. `undefined` for what names none. */
export function dateOrder(format: string): string | undefined {
  const order = format
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/(.)\1+/g, '$1');
  return FORMATS.includes(order) ? order : undefined;
}

/** `20260304` of a known order has its parts side by side. */
function partsOf(value: string, order: string | undefined): string[] {
  if (/^\d{8}$/.test(value) && (order === undefined || /^(?=.*y)...$/.test(order))) {
    const pattern = Array.from(order ?? 'ymd', (part) => (part === 'y' ? '(....)' : '(..)')).join('');
    return new RegExp(`^${pattern}$`).exec(value)!.slice(1);
  }
  return value.split(/[\s,./-]+/).filter((part) => part !== '' && part.toLowerCase() !== 'of');
}

function guess(parts: readonly string[]): string | undefined {
  const named = parts.findIndex((part) => MONTH_NAME.test(part));
  if (named >= 0) {
    const rest = parts.filter((_, i) => i !== named);
    if (rest.length === 1)
      return inOrder([parts[named], rest[0]], 'md') ?? inOrder([parts[named], rest[0]], 'my');
    return rest.length === 2 ? inOrder([parts[named], ...rest], 'mdy') : undefined;
  }
  if (parts.length !== 3) return undefined;
  if (parts[0].length === 4) return inOrder(parts, 'ymd');
  return inOrder(parts, 'mdy') ?? inOrder(parts, 'dmy');
}

/** The date if every part matches the order. */
function inOrder(parts: readonly string[], order: string): string | undefined {
  const part = (name: string): string | undefined => parts[order.indexOf(name)];
  const [year, month, day] = [part('y'), part('m'), part('d')];
  const monthWord = month === undefined ? '' : monthWords(month);
  const dayNumber = day === undefined ? undefined : Number(DAY.exec(day)?.[1] ?? 0);
  if (monthWord === undefined || (year !== undefined && !/^(?:\d{4}|\d{2})$/.test(year))) return undefined;
  const longest = monthWord === '' ? 31 : DAYS.at(monthIndex(monthWord))!;
  if (dayNumber !== undefined && (dayNumber < 1 || dayNumber > longest)) return undefined;
  const monthDay = `${monthWord} ${dayNumber === undefined ? '' : ordinal(String(dayNumber))}`.trim();
  if (year === undefined) return monthDay;
  return `${monthDay}${dayNumber === undefined ? '' : ' ,'} ${yearWords(year)}`.trim();
}

function monthWords(written: string): string | undefined {
  if (MONTH_NAME.test(written)) return monthByName(written);
  return /^\d{1,2}$/.test(written) ? monthByNumber(written) : undefined;
}

function monthIndex(name: string): number {
  return DAYS.findIndex((_, i) => monthByNumber(String(i + 1)) === name);
}
