const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

/** RFC 9110, section 5.6.7: the current format and the two obsolete ones, which must still be parsed. */
const FORMS = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(
    `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`,
  ),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * Reads an HTTP-date.
 * @param now milliseconds since the epoch, by which two-digit years are resolved.
 * @returns milliseconds since the epoch; `undefined` on malformed text. The name of the day is ignored.
 */
export function parseHttpDate(text: string, now = Date.now()): number | undefined {
  const fields = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups);
  if (!fields) return undefined;
  const [day, hour, minute, second] = [fields.day, fields.hour, fields.minute, fields.second].map(Number);
  const month = MONTHS.indexOf(fields.month);
  const year = fields.year.length === 2 ? fullYear(Number(fields.year), now) : Number(fields.year);
  // A leap second is written as :60.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  // Date.UTC would map the years 0 to 99 to 1900 to 1999.
  const midnight = new Date(0).setUTCFullYear(year, month, day);
  if (new Date(midnight).getUTCDate() !== day) return undefined;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** A year more than 50 years ahead means the most recent past year with these digits. */
function fullYear(digits: number, now: number): number {
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % 100) + digits;
  return year > current + 50 ? year - 100 : year;
}

/** The time rounded down to a second, as HTTP dates are. */
export function wholeSecond(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}
