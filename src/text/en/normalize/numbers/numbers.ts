import { toCardinal, toOrdinal } from 'n2words/en-US';

/** Longest whole number spoken as a quantity; a longer one is read digit by digit. */
const MAX_DIGITS = 18;
const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** `0451` → "zero four five one". */
export function digitWords(digits: string): string {
  return Array.from(digits, (digit) => DIGITS[Number(digit)]).join(' ');
}

/** A whole number as American English says it, without "and": `105` → "one hundred five"; `007` digit by digit. */
export function cardinal(digits: string): string {
  if (digits.length > MAX_DIGITS || (digits.length > 1 && digits.startsWith('0'))) return digitWords(digits);
  return toCardinal(BigInt(digits)).replaceAll('-', ' ');
}

const BELOW_HUNDRED =
  '(?:(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ieth)|(?:four|six|seven|eigh|nin|ten|eleven|(?:thir|four|fif|six|seven|eigh|nine)teen)th|first|second|third|fifth|twelfth)(?= |$))';
const AND_AFTER_HUNDRED = new RegExp(`\\bhundred (?=${BELOW_HUNDRED})`, 'g');
const AND_AT_END = new RegExp(
  `\\b(thousand|million|billion|trillion) (?=${BELOW_HUNDRED}(?!(?: \\w+)? (?:hundred|thousand|million|billion)))`,
  'g',
);

/** A number's words as British English says them: "one hundred five" → "one hundred and five". */
export function withAnd(words: string): string {
  if (!/hundred |thousand |illion /.test(words)) return words;
  return words.replace(AND_AFTER_HUNDRED, 'hundred and ').replace(AND_AT_END, '$1 and ');
}

/** `21` → "twenty first"; `0` → "zeroth". */
export function ordinal(digits: string): string {
  const value = BigInt(digits.slice(0, MAX_DIGITS));
  return value === 0n ? 'zeroth' : toOrdinal(value).replaceAll('-', ' ');
}

/** A number as written, `1,234.50` or `.5`: whole part as a quantity, decimals digit by digit. */
export function decimal(written: string): string {
  const [whole, fraction] = written
    .replaceAll(',', '')
    .replace(/[ \u00a0]/g, '')
    .split('.');
  const point = fraction ? `point ${digitWords(fraction)}` : '';
  return whole === '' ? point : `${cardinal(whole)} ${point}`.trim();
}

/** Two digits after a spoken hundred: `05` → "oh five", `00` → "hundred". */
function lowPair(pair: string): string {
  if (pair === '00') return 'hundred';
  return pair.startsWith('0') ? `oh ${DIGITS[Number(pair[1])]}` : cardinal(pair);
}

/** A year of four digits: "nineteen oh five", "two thousand five", "twenty twenty six". */
export function year(digits: string): string {
  const value = Number(digits);
  if (digits.length !== 4 || value < 1000 || (value % 1000 < 10 && value < 3000)) return cardinal(digits);
  return `${cardinal(digits.slice(0, 2))} ${lowPair(digits.slice(2))}`;
}

/** A number that names a thing (room, flight, model): `101` → "one oh one", `747` → "seven forty seven". */
export function numeral(digits: string): string {
  if (digits.startsWith('0') || digits.length > 4)
    return digits.length > 4 ? digitWords(digits) : cardinal(digits);
  if (digits.length === 4) return digits.endsWith('000') ? cardinal(digits) : year(digits);
  if (digits.length === 3 && !digits.endsWith('00')) {
    return `${cardinal(digits[0])} ${lowPair(digits.slice(1))}`;
  }
  return cardinal(digits);
}

/** A denominator: `2` → "half", `4` → "quarter", `16` → "sixteenth"; plural unless `one`. */
export function denominator(digits: string, one: boolean): string {
  if (digits === '2') return one ? 'half' : 'halves';
  const name = digits === '4' ? 'quarter' : ordinal(digits);
  return one ? name : `${name}s`;
}

/** `90` → "nineties", `1900` → "nineteen hundreds": the last word of a number in the plural. */
export function plural(words: string): string {
  if (words.endsWith('six')) return `${words}es`;
  return words.endsWith('y') ? `${words.slice(0, -1)}ies` : `${words}s`;
}

const ROMAN: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };
const ROMAN_SHAPE = /^M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$/;

/** Value of a well-formed Roman numeral in either case, or 0. */
export function roman(written: string): number {
  const upper = written.toUpperCase();
  if (upper === '' || !ROMAN_SHAPE.test(upper)) return 0;
  let value = 0;
  for (let i = 0; i < upper.length; i++) {
    const digit = ROMAN[upper[i]];
    value += digit < (ROMAN[upper[i + 1]] ?? 0) ? -digit : digit;
  }
  return value;
}
