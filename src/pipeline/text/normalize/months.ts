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

/** Source of a pattern for a month's name or abbreviation with a capital, without its period. */
export const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';

/** A month by its number, 1 to 12, else undefined. */
export function monthByNumber(digits: string): string | undefined {
  return MONTHS[Number(digits) - 1];
}

/** Full name of a month from what {@link MONTH} matches. */
export function monthByName(written: string): string {
  const key = written.slice(0, 3).toLowerCase();
  return MONTHS.find((name) => name.startsWith(key)) ?? written.toLowerCase();
}
