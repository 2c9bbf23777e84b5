import { native, readNumber, sino } from './numbers.ts';
import type { Found, Rule } from './scanner.ts';

const WEEKDAY = /\(([월화수목금토일])\)/y;
const DATE = /(\d{4}) ?[-./] ?(0?[1-9]|1[0-2]) ?[-./] ?(0?[1-9]|[12]\d|3[01])(?!\d)\.?(?=$|[^\d.]|\.(?!\d))/y;
const YEAR_MONTH =
  /((?:19|20)\d{2})[./-](0?[1-9]|1[0-2])(?![\d./-])(?=년|월| ?(?:기준|현재|부터|까지|이후|이전|~))/y;
const MONTH_DAY = /(0?[1-9]|1[0-2])\/(0?[1-9]|[12]\d|3[01])(?![\d/])/y;
const SHORT_YEAR = /'(\d{2})(?=년| ?[~.])/y;
const CLOCK = /([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])/y;
const HALF_DAY = /([AaPp])\.?[Mm]\.? ?(?=\d{1,2}(?::|시| ))/y;
const HALF_DAY_AFTER = / ?([AaPp])\.?[Mm]\b\.?/y;
const WEEKDAYS = /([월화수목금토일])([~,·/-])(?=[월화수목금토일](?![가-힣]))/y;
const LAST_WEEKDAY = /([월화수목금토일])(?![가-힣])/y;
const MEMORIAL =
  /(3[·.]1|4[·.]19|5[·.]18|6[·.]25|8[·.]15|6[·.]10|4[·.]3|12[·.]12|9[·.]11)(?=절|혁명|운동|민주|전쟁|광복|사건|사태|테러|항쟁|의거| )/y;

function monthName(month: string): string {
  const value = Number(month);
  return value === 6 ? '유월' : value === 10 ? '시월' : `${sino(String(value))}월`;
}

const dayName = (day: string) => `${sino(String(Number(day)))}일`;

/** `2026-11-29`, `2026. 11. 29.`, `11/29`, `'26년`, the weekday behind a date, `월~금`. */
export const date: Rule = (scan, at) => {
  const full = scan.match(DATE, at);
  if (full) return found(full, `${sino(full[1])} 년 ${monthName(full[2])} ${dayName(full[3])}`);
  const month = scan.match(YEAR_MONTH, at);
  if (month) {
    const suffix = /^월/.test(scan.after(at + month[0].length))
      ? monthName(month[2]).slice(0, -1)
      : monthName(month[2]);
    return found(month, `${sino(month[1])} 년 ${suffix}`);
  }
  const short = scan.match(SHORT_YEAR, at);
  if (short) return found(short, `${readNumber(String(Number(short[1])))} `);
  const memorial = scan.match(MEMORIAL, at);
  if (memorial && !/\d$/.test(scan.before(at))) {
    return found(memorial, Array.from(memorial[1].matchAll(/\d/g), ([d]) => sino(d)).join(''));
  }
  return monthDay(scan, at);
};

/** `11/29` is a date if the second number is too great for a fraction, or if words of time are next to it. */
const monthDay: Rule = (scan, at) => {
  const match = scan.match(MONTH_DAY, at);
  if (!match || /[\d/.]$/.test(scan.before(at))) return undefined;
  const [, month, day] = match;
  const after = scan.after(at + match[0].length);
  const isTime =
    /^ ?(?:\([월화수목금토일]\)|~|부터|까지|오전|오후|출발|도착|마감|이전|이후|시작|종료|기준|예정|오픈|발송|출시|에(?!서)|일)/.test(
      after,
    ) || /(?:~ ?|일시:? ?|날짜:? ?|기간:? ?|오는 ?|지난 ?)$/.test(scan.before(at));
  if (!isTime && Number(day) <= 12) return undefined;
  return found(match, `${monthName(month)} ${dayName(day)}`);
};

/** `(월)` behind a date is Monday. */
export const weekday: Rule = (scan, at) => {
  const match = scan.match(WEEKDAY, at);
  if (match && /[\d일.)] ?$/.test(scan.before(at))) return found(match, ` ${match[1]}요일`);
  const listed = scan.match(WEEKDAYS, at);
  if (listed && !/[가-힣]$/.test(scan.before(at)))
    return found(listed, `${listed[1]}요일${/[~-]/.test(listed[2]) ? '에서' : ''} `);
  const last = scan.match(LAST_WEEKDAY, at);
  if (
    last &&
    /[월화수목금토일][~,·/-]$/.test(scan.before(at)) &&
    !/[가-힣]{2}[~,·/-]$/.test(scan.before(at))
  ) {
    return found(last, `${last[1]}요일`);
  }
  return undefined;
};

/** `14:30`, `2:30 PM`, `AM 9:00`, `14:30:15`. */
export const clock: Rule = (scan, at) => {
  const half = scan.match(HALF_DAY, at);
  if (half) return found(half, `${half[1].toLowerCase() === 'a' ? '오전' : '오후'} `);
  const match = scan.match(CLOCK, at);
  if (!match || /[\d:]$/.test(scan.before(at))) return undefined;
  const [all, hours, minutes, seconds] = match;
  const hour = Number(hours);
  const spoken = [`${hour >= 1 && hour <= 12 ? native(hour, true) : sino(String(hour))} 시`];
  if (Number(minutes) > 0) spoken.push(`${sino(String(Number(minutes)))} 분`);
  if (seconds !== undefined && Number(seconds) > 0) spoken.push(`${sino(String(Number(seconds)))} 초`);
  const behind = scan.match(HALF_DAY_AFTER, at + all.length);
  if (behind) {
    const part = behind[1].toLowerCase() === 'a' ? '오전' : '오후';
    return { length: all.length + behind[0].length, say: `${part} ${spoken.join(' ')}` };
  }
  return found(match, spoken.join(' '));
};

function found(match: RegExpExecArray, say: string): Found {
  return { length: match[0].length, say };
}
