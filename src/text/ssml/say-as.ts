import { clean } from '../en/normalize/clean.ts';
import { Cursor } from '../en/normalize/cursor.ts';
import { time } from '../en/normalize/dates/time.ts';
import { fraction } from '../en/normalize/numbers/fractions.ts';
import { codedMoney, money, suffixedMoney } from '../en/normalize/numbers/money.ts';
import { cardinal, decimal, digitWords, ordinal } from '../en/normalize/numbers/numbers.ts';
import { groupWords } from '../en/normalize/numbers/phone.ts';
import { quantity } from '../en/normalize/numbers/quantity.ts';
import { feetInches } from '../en/normalize/numbers/units.ts';
import { PER, UNITS } from '../en/normalize/numbers/units-table.ts';
import { normalize } from '../en/normalize.ts';
import type { SpokenToken } from '../types.ts';
import { quote, type Report, Unreadable } from './place.ts';
import { dateOrder, sayDate } from './say-as-date.ts';
import { sayAsKorean } from './say-as-korean.ts';

/** Words that names of units are made of. */
const UNIT_NAMES: ReadonlySet<string> = new Set([
  ...[...UNITS.values(), ...PER.values()]
    .flatMap((names) => names.split(/[| ]/))
    .flatMap((name) => [name, `${name}s`]),
  ...['square', 'cubic', 'squared', 'cubed', 'percent'],
]);

/** Reads a value in one way; words as {@link Cursor.say} takes them, or tokens of the normalizer. */
type Reader = (value: string, format: string | undefined) => string | SpokenToken[] | undefined;

const WHOLE = /^([+\-−]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)$/;
const NTH = /^(\d{1,3}(?:,\d{3})+|\d{1,18})(?:st|nd|rd|th)?$/i;
const CLOCK = /^(\d{1,2})(?::[0-5]\d(?::[0-5]\d)?)?(?:\s?([ap])\.?\s?m\.?)?$/i;
const PHONE = /^\+?\(?[\dA-Za-z][\dA-Za-z\s().\u2010-\u2013-]{1,39}$/;
const CODE = /^[A-Za-z]{3}$/;
const MINUTES_SECONDS = /^(?:(\d{1,3})')?(?:(\d{1,3})"?)?$/;
const CLOCK_FORMATS = /^h?ms?(?:12|24)?$/;

/** Characters by name; letters and digits aside. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['-', 'dash'], ['.', 'dot'], ['/', 'slash'], ['\\', 'backslash'], ['_', 'underscore'], ['@', 'at'], ['#', 'hash'],
  ['&', 'and'], ['+', 'plus'], ['*', 'star'], ['=', 'equals'], ['%', 'percent'], ['$', 'dollar'], ['!', 'exclamation mark'],
  ['?', 'question mark'], [',', 'comma'], [':', 'colon'], [';', 'semicolon'], ["'", 'apostrophe'], ['"', 'quote'],
  ['(', 'open parenthesis'], [')', 'close parenthesis'], ['[', 'open bracket'], [']', 'close bracket'], ['{', 'open brace'],
  ['}', 'close brace'], ['<', 'less than'], ['>', 'greater than'], ['^', 'caret'], ['~', 'tilde'], ['|', 'bar'],
  ['–', 'dash'], ['—', 'dash'], ['…', 'dot dot dot'],
]); // biome-ignore format: short rows

const READERS: Readonly<
  Record<string, { readonly read: Reader; readonly formats?: RegExp; readonly example: string }>
> = {
  cardinal: { read: sayCardinal, example: '1,234.5' },
  ordinal: {
    read: (value) => (NTH.test(value) ? ordinal(value.replace(/\D/g, '')) : undefined),
    example: '21',
  },
  digits: { read: sayDigits, example: '0451' },
  characters: { read: sayCharacters, example: 'A1-B2' },
  // Google and Amazon write 5+1/2 for five and a half.
  fraction: {
    read: (value) => readWhole(value.replace(/(\d)\s*\+\s*(\d)/, '$1 $2'), [fraction]),
    example: '3/4',
  },
  date: { read: sayDate, formats: /./, example: '2026-03-04' },
  time: { read: sayTime, formats: CLOCK_FORMATS, example: '14:30 or 2:30pm' },
  duration: { read: sayDuration, formats: /^h?m?s?$/, example: '01:18:30' },
  telephone: { read: sayPhone, formats: /^\d{1,3}$/, example: '(555) 123-4567' },
  currency: { read: sayMoney, formats: CODE, example: '$42.50 or 20 EUR' },
  unit: { read: sayUnit, example: '5 km' },
};
/** Names that vendors give to these kinds. */
const ALIASES: Readonly<Record<string, string>> = {
  number: 'cardinal',
  number_digit: 'digits',
  letters: 'characters',
  'spell-out': 'characters',
  verbatim: 'characters',
  acronym: 'characters',
  measure: 'unit',
  phone: 'telephone',
};
/** Kinds that are spoken as plain text: the normalizer recognizes them. */
const AS_TEXT = ['address', 'boolean', 'email', 'interjection', 'name', 'net', 'text', 'url'];
/** Kinds that are not spoken. */
const UNSPOKEN = ['bleep', 'expletive'];

/** How a value is read: as tokens, as Korean text that replaces it, as plain text, or not at all. */
export type Saying = readonly SpokenToken[] | { readonly korean: string } | 'text' | 'unspoken';

/** The position of a value in the document. */
export interface SayAsPlace {
  readonly format: string | undefined;
  readonly report: Report;
  /** Set in Korean text: the text right after the element. */
  readonly koreanBefore?: string;
}

/**
 * Reads a value by its `interpret-as`, with the functions of the normalizer that read such values in plain text.
 * @param value text of the element, without space around it.
 * @param interpretAs kinds of Amazon, Azure, Google and IBM, and those of VoiceXML with their prefix `vxml:`.
 * @returns tokens, no pause last; their spans mean nothing.
 * @throws {Unreadable} for an unknown kind, and for a value that can't be read so; in strict mode for an unknown format too.
 */
export function sayAs(
  value: string,
  interpretAs: string,
  { format, report, koreanBefore }: SayAsPlace,
): Saying {
  const name = interpretAs.toLowerCase().replace(/^vxml:/, '');
  const kind = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  if (AS_TEXT.includes(kind)) return 'text';
  if (UNSPOKEN.includes(kind)) return 'unspoken';
  const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (!reader) {
    const known = [...Object.keys(READERS), ...Object.keys(ALIASES), ...AS_TEXT, ...UNSPOKEN]
      .sort()
      .join(', ');
    throw new Unreadable(`interpret-as ${quote(interpretAs)} is not one of ${known}.`);
  }
  const known = format === undefined || (reader.formats?.test(format) && isFormat(kind, format));
  if (!known) {
    const what = `format ${quote(format)} is unknown for interpret-as ${quote(interpretAs)}.`;
    report('ignored_value', what, 'It has no effect.');
  }
  const plain = value.replace(/\s+/g, ' ');
  if (koreanBefore !== undefined) {
    const korean = sayAsKorean(kind, plain, { format: known ? format : undefined, after: koreanBefore });
    if (korean !== undefined) return { korean };
    throw new Unreadable(`${quote(value)} can't be read as ${interpretAs} in Korean.`);
  }
  const read = reader.read(plain, known ? format : undefined);
  const tokens = typeof read === 'string' ? tokensOf(read, value) : read;
  if (!tokens || tokens.length === 0) {
    throw new Unreadable(`${quote(value)} can't be read as ${interpretAs}. Try ${reader.example}.`);
  }
  return tokens;
}

/** Whether the reader of a kind supports a format. Dates have many. */
function isFormat(kind: string, format: string): boolean {
  return kind !== 'date' || dateOrder(format) !== undefined;
}

function sayCardinal(value: string): string | undefined {
  const match = WHOLE.exec(value);
  return match ? `${signWord(match[1])} ${decimal(match[2])}` : undefined;
}

function signWord(sign: string): string {
  return sign === '' ? '' : sign === '+' ? 'plus' : 'minus';
}

function sayDigits(value: string): string | undefined {
  return /^\d[\d .-]*$/.test(value) ? digitWords(value.replace(/\D/g, '')) : undefined;
}

function sayCharacters(value: string): string | undefined {
  const names = Array.from(clean(value).text, (char) => {
    if (/[a-z]/i.test(char)) return char.toUpperCase();
    if (/\d/.test(char)) return digitWords(char);
    return /\s/.test(char) ? '' : NAMES.get(char);
  });
  return names.includes(undefined) ? undefined : names.join(' ').trim();
}

function sayTime(value: string, format: string | undefined): SpokenToken[] | string | undefined {
  const match = CLOCK.exec(value);
  // Amazon writes 1'21" for one minute and 21 seconds.
  if (!match) return /['"]/.test(value) ? spellDuration(MINUTES_SECONDS.exec(value)?.slice(1), 1) : undefined;
  const [, hour, half] = match;
  const hours = Number(hour);
  const twelve = half !== undefined || format?.endsWith('12');
  if (twelve ? hours < 1 || hours > 12 || format?.endsWith('24') : hours > 24) return undefined;
  return value === hour ? tokensOf(cardinal(String(hours)), value) : readWhole(value, [time]);
}

const UNITS_OF_TIME = ['hour', 'minute', 'second'];

/** `01:18:30` of format `hms`, `01:18` of `hm` or `ms`. Without a format two parts are minutes and seconds. */
function sayDuration(value: string, format: string | undefined): string | undefined {
  if (!/^\d{1,4}(?::\d{1,2}){0,2}$/.test(value)) return undefined;
  const parts = value.split(':');
  const first = format === undefined ? UNITS_OF_TIME.length - parts.length : 'hms'.indexOf(format[0]);
  if (format !== undefined && format.length !== parts.length) return undefined;
  return spellDuration(parts, first);
}

/** @param first index of the unit of the first part. */
function spellDuration(
  parts: readonly (string | undefined)[] | undefined,
  first: number,
): string | undefined {
  const spoken = (parts ?? []).flatMap((part, i) => {
    const count = Number(part ?? 0);
    return count === 0
      ? []
      : [`${cardinal(String(count))} ${UNITS_OF_TIME[first + i]}${count === 1 ? '' : 's'}`];
  });
  if (spoken.length === 0) return parts?.some((part) => part !== undefined) ? 'zero seconds' : undefined;
  return [...spoken.slice(0, -1), ...(spoken.length > 1 ? ['and'] : []), spoken[spoken.length - 1]].join(' ');
}

function sayPhone(value: string): string | undefined {
  if (!PHONE.test(value) || value.replace(/\D/g, '').length < 2) return undefined;
  const written = value.match(/[\dA-Za-z]+/g)!;
  const groups = written.length === 1 ? grouped(written[0]) : written;
  const spoken = groups.map((group) => {
    if (/^\d+$/.test(group)) return groupWords(group);
    if (/^(?:x|ext)$/i.test(group)) return 'extension';
    return Array.from(group, (char) => (/\d/.test(char) ? digitWords(char) : char.toUpperCase())).join(' ');
  });
  return `${value.startsWith('+') ? 'plus ' : ''}${spoken.join(' , ')}`.replaceAll(
    'extension ,',
    'extension',
  );
}

/** A number of North America by its three groups, another by pairs of three digits and a rest. */
function grouped(digits: string): string[] {
  const match = /^(1?)(\d{3})(\d{3})(\d{4})$/.exec(digits) ?? /^()()(\d{3})(\d{4})$/.exec(digits);
  return match ? match.slice(1).filter((group) => group !== '') : [digits];
}

function sayMoney(value: string, format: string | undefined): SpokenToken[] | undefined {
  const [, sign, amount] = /^([+\-−]?)(.*)$/.exec(value)!;
  const named =
    format !== undefined && /^[\d.,]+$/.test(amount) ? `${amount} ${format.toUpperCase()}` : amount;
  const tokens = readWhole(named, [money, codedMoney, suffixedMoney]);
  return tokens && [...tokensOf(signWord(sign), value), ...tokens];
}

function sayUnit(value: string): SpokenToken[] | undefined {
  const [, sign, amount] = /^([+\-−]?)(.*)$/.exec(value)!;
  if (!/^[\d.]/.test(amount) || /\d$/.test(amount)) return undefined;
  // Close to its number a symbol can be nothing else than a unit: 5 in, 20 C.
  const close = amount.replace(/ /g, '').replace(/([\d.])([CF])$/, '$1°$2');
  const tokens =
    readWhole(close, [feetInches, quantity]) ?? (withUnitWord(amount) ? normalize(amount) : undefined);
  return tokens && [...tokensOf(signWord(sign), value), ...withoutLastPause(tokens)];
}

/** `5 square kilometers`: is all behind the number names of units? */
function withUnitWord(amount: string): boolean {
  const [, names] = /^[\d.,]+((?: [a-z]{2,30}){1,6})$/.exec(amount) ?? [];
  return (
    names
      ?.trim()
      .split(' ')
      .every((name) => UNIT_NAMES.has(name)) ?? false
  );
}

/** Tokens of the rule that reads the whole value, if one does. */
function readWhole(value: string, rules: readonly ((cursor: Cursor) => number)[]): SpokenToken[] | undefined {
  const cleaned = clean(value);
  for (const rule of rules) {
    const tokens: SpokenToken[] = [];
    const cursor = new Cursor(cleaned, value, tokens);
    cursor.startLine(0, cleaned.text.length);
    if (rule(cursor) === cleaned.text.length) return withoutLastPause(tokens);
  }
  return undefined;
}

function withoutLastPause(tokens: readonly SpokenToken[]): SpokenToken[] {
  return tokens.at(-1)?.kind === 'pause' ? tokens.slice(0, -1) : [...tokens];
}

/** Words separated by spaces: a capital is the name of a letter, a `,` a pause. */
function tokensOf(words: string, source: string): SpokenToken[] {
  const span = { start: 0, end: 0 };
  return words
    .split(' ')
    .filter((text) => text !== '')
    .map((text): SpokenToken => {
      if (text === ',') return { kind: 'pause', text, span };
      if (/^[A-Z]$/.test(text)) return { kind: 'letter', text: text.toLowerCase(), span };
      return { kind: 'word', text, span, source };
    });
}
