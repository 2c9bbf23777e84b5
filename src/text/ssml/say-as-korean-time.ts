import { dateOrder } from './say-as-date.ts';

/** The position of a value in the document. */
export interface KoreanPlace {
  readonly format: string | undefined;
  /** Text right after the element: 개 of `<say-as …>3</say-as>개`. */
  readonly after: string;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A date as `2026년 3월 4일`. The last of 년, 월 and 일 is left out if it follows the element. */
export function sayDate(value: string, { format, after }: KoreanPlace): string | undefined {
  const date = read(value.replace(/ ?\([월화수목금토일]\)$/, ''), format);
  if (!date) return undefined;
  const { y, m, d } = date;
  if (m !== undefined && (m < 1 || m > 12)) return undefined;
  if (d !== undefined && (d < 1 || d > (m === undefined ? 31 : DAYS[m - 1]))) return undefined;
  const said = [
    y === undefined ? '' : `${y}년`,
    m === undefined ? '' : `${m}월`,
    d === undefined ? '' : `${d}일`,
  ];
  const text = said.filter((part) => part !== '').join(' ');
  return after.startsWith(text.slice(-1)) ? text.slice(0, -1) : text;
}

interface DateParts {
  readonly y?: number;
  readonly m?: number;
  readonly d?: number;
}

function read(value: string, format: string | undefined): DateParts | undefined {
  const named = /^(?:(\d{2,4}) ?년)? ?(?:(\d{1,2}) ?월)? ?(?:(\d{1,2}) ?일)?$/.exec(value);
  if (named && /[년월일]/.test(value)) {
    const [y, m, d] = named.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
    return { y, m, d };
  }
  // Amazon writes question marks for the parts that are left out: ????0922.
  const side = /^(\?{4}|\d{4})(\d{2}|\?\?)(\d{2}|\?\?)$/.exec(value);
  if (side && (format === undefined || /^y/i.test(format))) return inOrder(side.slice(1), 'ymd');
  const parts = value.split(/[\s,./-]+/).filter((part) => part !== '');
  if (!parts.every((part) => /^\d{1,4}$/.test(part))) return undefined;
  const order = (format === undefined ? undefined : dateOrder(format)) ?? guess(parts);
  return order?.length === parts.length ? inOrder(parts, order) : undefined;
}

/** The order of a date's parts: the year has four digits, and Korean writes the month before the day. */
function guess(parts: readonly string[]): string | undefined {
  const year = parts.findIndex((part) => part.length === 4);
  if (parts.length === 3) {
    if (year === 0) return 'ymd';
    if (year === 2) return Number(parts[0]) > 12 ? 'dmy' : 'mdy';
    return year < 0 ? 'ymd' : undefined;
  }
  if (parts.length === 2) return year < 0 ? 'md' : year === 0 ? 'ym' : 'my';
  return year === 0 ? 'y' : undefined;
}

function inOrder(parts: readonly string[], order: string): DateParts {
  return Object.fromEntries(
    Array.from(order, (part, i) => [part, /\d/.test(parts[i]) ? Number(parts[i]) : undefined]),
  );
}

const TIME =
  /^(오전|오후|[ap]\.?m\.?)? ?(\d{1,2})(?:(?::|시 ?)(\d{1,2})?분?(?:(?::| ?)(\d{1,2})초?)?)? ?([ap]\.?m\.?)?$/i;

/** A time as `오후 2시 30분`. 시 is left out if it follows the element. */
export function sayTime(value: string, { format, after }: KoreanPlace): string | undefined {
  const short = /^(?:(\d{1,3})')?(?:(\d{1,3})"?)?$/.exec(value);
  if (short && /['"]/.test(value)) return inUnits([undefined, short[1], short[2]]);
  const match = TIME.exec(value);
  if (!match) return undefined;
  const [, before, hour, minute, second, behind] = match;
  const half = before ?? behind;
  const twelve = half !== undefined || format?.endsWith('12');
  const hours = Number(hour);
  if (twelve ? hours < 1 || hours > 12 || format?.endsWith('24') : hours > 24) return undefined;
  if (Number(minute ?? 0) > 59 || Number(second ?? 0) > 59) return undefined;
  const day = half === undefined ? '' : /^(?:오전|a)/i.test(half) ? '오전 ' : '오후 ';
  const smaller = inUnits([undefined, minute, second], '');
  const text = `${day}${hours}시${smaller === '' ? '' : ` ${smaller}`}`;
  return text.endsWith('시') && after.startsWith('시') ? text.slice(0, -1) : text;
}

/** `01:18:30` of format `hms`, `01:18` of `hm` or `ms`. Without a format two parts are minutes and seconds. */
export function sayDuration(value: string, { format }: KoreanPlace): string | undefined {
  if (!/^\d{1,4}(?::\d{1,2}){0,2}$/.test(value)) return undefined;
  const parts = value.split(':');
  if (format !== undefined && format.length !== parts.length) return undefined;
  const first = format === undefined ? 3 - parts.length : 'hms'.indexOf(format[0]);
  return inUnits([...Array.from({ length: first }, () => undefined), ...parts]);
}

/** Hours, minutes and seconds; zeros are left out. */
function inUnits(parts: readonly (string | undefined)[], nothing = '0초'): string {
  const said = parts.flatMap((part, i) =>
    Number(part ?? 0) === 0 ? [] : [`${Number(part)}${['시간', '분', '초'][i]}`],
  );
  return said.length === 0 ? nothing : said.join(' ');
}
