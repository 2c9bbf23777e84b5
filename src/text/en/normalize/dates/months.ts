const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const ABBREVIATED = 'Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec';
const FULL = MONTHS.map((name) => `${name[0].toUpperCase()}${name.slice(1)}`).join('|');

/** Lower-case abbreviations that are not other words. */
const SMALL =
  'january|february|april|june|july|august|september|october|november|december|jan|feb|apr|jul|aug|sept|oct|nov';

/** Source of a pattern for a month's name or abbreviation, with or without a capital, without its period. */
export const MONTH = `(?:${FULL}|${FULL.toUpperCase()}|${ABBREVIATED}|${ABBREVIATED.toUpperCase()}|${SMALL})`;

/** Source of a pattern for the months that are also words, in small letters: only a date's other parts make them months. */
export const SMALL_AMBIGUOUS = '(?:march|may|mar|dec|sep|jun)';

/** A month by its number, 1 to 12, or `undefined`. */
export function monthByNumber(digits: string): string | undefined {
  return MONTHS[Number(digits) - 1];
}

/** Full name of a month from what {@link MONTH} matches. */
export function monthByName(written: string): string {
  const key = written.slice(0, 3).toLowerCase();
  return MONTHS.find((name) => name.startsWith(key)) ?? written.toLowerCase();
}
