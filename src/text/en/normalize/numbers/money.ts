import type { Cursor } from '../cursor.ts';
import { cardinal, decimal } from './numbers.ts';

interface Currency {
  /** Singular and plural. */
  readonly unit: readonly [string, string];
  /** A hundredth, singular and plural. */
  readonly cent?: readonly [string, string];
}

const CENT = ['cent', 'cents'] as const;
const DOLLAR: Currency = { unit: ['dollar', 'dollars'], cent: CENT };
const SYMBOLS: Readonly<Record<string, Currency>> = {
  $: DOLLAR,
  Rs: { unit: ['rupee', 'rupees'], cent: ['paisa', 'paise'] },
  MX$: { unit: ['mexican peso', 'mexican pesos'], cent: ['centavo', 'centavos'] },
  US$: { unit: ['U S dollar', 'U S dollars'], cent: CENT },
  CA$: { unit: ['canadian dollar', 'canadian dollars'], cent: CENT },
  C$: { unit: ['canadian dollar', 'canadian dollars'], cent: CENT },
  A$: { unit: ['australian dollar', 'australian dollars'], cent: CENT },
  AU$: { unit: ['australian dollar', 'australian dollars'], cent: CENT },
  NZ$: { unit: ['new zealand dollar', 'new zealand dollars'], cent: CENT },
  HK$: { unit: ['hong kong dollar', 'hong kong dollars'], cent: CENT },
  S$: { unit: ['singapore dollar', 'singapore dollars'], cent: CENT },
  R$: { unit: ['brazilian real', 'brazilian reals'], cent: ['centavo', 'centavos'] },
  '€': { unit: ['euro', 'euros'], cent: CENT },
  '£': { unit: ['pound', 'pounds'], cent: ['penny', 'pence'] },
  '¥': { unit: ['yen', 'yen'] },
  '₩': { unit: ['won', 'won'] },
  '₹': { unit: ['rupee', 'rupees'], cent: ['paisa', 'paise'] },
  '₽': { unit: ['ruble', 'rubles'], cent: ['kopek', 'kopeks'] },
  '₺': { unit: ['lira', 'lira'] },
  '₪': { unit: ['shekel', 'shekels'] },
  '₫': { unit: ['dong', 'dong'] },
  '₱': { unit: ['peso', 'pesos'] },
  '₴': { unit: ['hryvnia', 'hryvnia'] },
  '฿': { unit: ['baht', 'baht'] },
  '₿': { unit: ['bitcoin', 'bitcoin'] },
  '₦': { unit: ['naira', 'naira'], cent: ['kobo', 'kobo'] },
  '₵': { unit: ['cedi', 'cedis'] },
  '₡': { unit: ['colon', 'colones'] },
  '₲': { unit: ['guarani', 'guaranies'] },
  '₸': { unit: ['tenge', 'tenge'] },
  '₼': { unit: ['manat', 'manats'] },
  '₾': { unit: ['lari', 'lari'] },
  '₭': { unit: ['kip', 'kip'] },
  '₮': { unit: ['tugrik', 'tugriks'] },
  '៛': { unit: ['riel', 'riels'] },
  '¢': { unit: CENT },
};
const CODES: Readonly<Record<string, Currency>> = {
  USD: SYMBOLS.US$,
  EUR: SYMBOLS['€'],
  GBP: SYMBOLS['£'],
  JPY: SYMBOLS['¥'],
  CNY: { unit: ['yuan', 'yuan'] },
  RMB: { unit: ['yuan', 'yuan'] },
  KRW: SYMBOLS['₩'],
  INR: SYMBOLS['₹'],
  RUB: SYMBOLS['₽'],
  CAD: SYMBOLS.C$,
  AUD: SYMBOLS.A$,
  NZD: SYMBOLS.NZ$,
  HKD: SYMBOLS.HK$,
  SGD: SYMBOLS.S$,
  BRL: SYMBOLS.R$,
  MXN: { unit: ['mexican peso', 'mexican pesos'], cent: ['centavo', 'centavos'] },
  CHF: { unit: ['swiss franc', 'swiss francs'], cent: ['centime', 'centimes'] },
  SEK: { unit: ['swedish krona', 'swedish kronor'] },
  NOK: { unit: ['norwegian krone', 'norwegian kroner'] },
  DKK: { unit: ['danish krone', 'danish kroner'] },
  PLN: { unit: ['zloty', 'zlotys'] },
  TRY: SYMBOLS['₺'],
  ZAR: { unit: ['rand', 'rand'] },
  THB: SYMBOLS['฿'],
  ILS: SYMBOLS['₪'],
  BTC: SYMBOLS['₿'],
  ETH: { unit: ['ether', 'ether'] },
  AED: { unit: ['dirham', 'dirhams'] },
  SAR: { unit: ['riyal', 'riyals'] },
  QAR: { unit: ['riyal', 'riyals'] },
  EGP: { unit: ['egyptian pound', 'egyptian pounds'] },
  NGN: SYMBOLS['₦'],
  KES: { unit: ['kenyan shilling', 'kenyan shillings'] },
  UAH: SYMBOLS['₴'],
  CZK: { unit: ['koruna', 'koruna'] },
  HUF: { unit: ['forint', 'forints'] },
  RON: { unit: ['leu', 'lei'] },
  TWD: { unit: ['taiwan dollar', 'taiwan dollars'] },
  PHP: SYMBOLS['₱'],
  IDR: { unit: ['rupiah', 'rupiah'] },
  MYR: { unit: ['ringgit', 'ringgit'] },
  VND: SYMBOLS['₫'],
  COP: { unit: ['colombian peso', 'colombian pesos'] },
  ARS: { unit: ['argentine peso', 'argentine pesos'] },
  CLP: { unit: ['chilean peso', 'chilean pesos'] },
  zl: { unit: ['zloty', 'zlotys'] },
  Kc: { unit: ['koruna', 'koruna'] },
  kr: { unit: ['krone', 'kroner'] },
  Ft: { unit: ['forint', 'forints'] },
};
const SCALES: Readonly<Record<string, string>> = {
  k: 'thousand',
  thousand: 'thousand',
  m: 'million',
  mn: 'million',
  mm: 'million',
  million: 'million',
  b: 'billion',
  bn: 'billion',
  billion: 'billion',
  t: 'trillion',
  tn: 'trillion',
  trillion: 'trillion',
};

const NUMBER = String.raw`(?:\d{1,3}(?:,\d{2,3}){0,8},\d{3}(?!\d)|\d{1,3}(?:\u00a0\d{3}){1,6}(?!\d)|\d{1,40})(?:\.\d{1,40})?|\.\d{1,40}`;
const SCALE = String.raw`(?:[ \u00a0-]?(trillion|billion|million|thousand|bn|mn|mm|tn)(?![A-Za-z])|([KkMmBbT])(?![A-Za-z0-9]))?`;
/** `1.299,99` and `9,99`, as most of Europe writes. */
const EUROPEAN = String.raw`(?:\d{1,3}(?:\.\d{3}){1,4}|\d{1,6}),\d{2}(?!\d|,\d)|\d{1,3}(?:\.\d{3}){2,4}(?![\d.])`;
const AMOUNT = `(${EUROPEAN}|${NUMBER})${SCALE}`;
const SYMBOL = String.raw`((?:US|CA|AU|NZ|HK|MX|[ACRS])?\$|[€£¥₩₹₽₺₪₫₱₴฿₿¢₦₵₡₲₸₼₾₭₮៛]|Rs\.?(?=[ \u00a0]?\d))`;
const CODE = `(${Object.keys(CODES).join('|')})`;
const PREFIXED = new RegExp(`${SYMBOL}[ \\u00a0]?([-−]?)${AMOUNT}`, 'y');
const CODE_BEHIND = new RegExp(`[ \\u00a0]?${CODE}(?![A-Za-z])`, 'y');
const CODED = new RegExp(`${CODE}[ \\u00a0]?${AMOUNT}(?![A-Za-z])`, 'y');
const SUFFIXED = new RegExp(
  `${AMOUNT}[ \\u00a0]?(?:${CODE}(?![A-Za-z])|([€£¥₩₹₽₺₪₫₱₴฿₿¢₦₵₡₲₸₼₾₭₮៛]|\\$(?!\\d)))`,
  'y',
);
const SUFFIXED_RANGE = new RegExp(
  `${AMOUNT}[ \\u00a0]?([€£¥₩₹₽])?[ \\u00a0]?[-–][ \\u00a0]?${AMOUNT}[ \\u00a0]?(?:${CODE}(?![A-Za-z])|([€£¥₩₹₽]))`,
  'y',
);
/** `99c`, `50p`: suffixes of amounts below a hundred. */
const SMALL_CHANGE = /(\d{1,2})([cp])(?![A-Za-z0-9])/y;
/** `$(500)`: a negative amount in accounting. */
const BRACKETED = new RegExp(`([$€£¥])\\((${NUMBER})\\)`, 'y');
/** "a €2bn deal" without its article: nouns that follow an amount. */
const DEAL_NEXT =
  /[ \u00a0](?:deal|plan|project|loan|fund|budget|bid|contract|investment|house|home|lawsuit|package|debt|bill|offer|order|campaign|program|acquisition|takeover|grant|fine|settlement|valuation|note|coin|bonus|company|industry|market|business|budget|gift|prize|reward|discount|fee)(?![a-z])/y;
const RANGE = new RegExp(
  `(?:[ \\u00a0]?–[ \\u00a0]?|-|[ \\u00a0]-[ \\u00a0])(?:[$€£¥][ \\u00a0]?)?${AMOUNT}(?![\\d-])`,
  'y',
);
/** "a $5 bill": the unit describes a thing, so it is in the singular. */
const THING_NEXT =
  /(?:-|[ \u00a0](?!(?:for|in|to|and|or|on|at|per|a|from|by|is|was|of|each|every|an|off|more|less|the|if|so|when|with|but|as|apiece|today|now)(?![a-z])))[a-z]/y;

function scaleOf(word: string | undefined, letter: string | undefined): string {
  const key = (word ?? letter ?? '').toLowerCase();
  return key === '' ? '' : SCALES[key];
}

/** `1.299,99` → `1299.99`; an American amount stays as it is. */
function american(written: string): string {
  const european = /,\d{2}$/.test(written) || /\.\d{3}\./.test(written);
  return european ? written.replaceAll('.', '').replace(/,(\d{2})$/, '.$1') : written;
}

/** `1.50` of a currency: "one dollar and fifty cents"; `1.5` with a scale: "one point five million dollars". */
function amountWords(original: string, scale: string, currency: Currency, singular: boolean): string {
  const [one, many] = currency.unit;
  const written = american(original);
  if (scale !== '') return `${decimal(written)} ${scale} ${singular ? one : many}`;
  const [whole, fraction] = written.replaceAll(',', '').replaceAll('\u00a0', '').split('.');
  const name = singular || whole === '1' ? one : many;
  if (fraction === undefined) return `${cardinal(whole)} ${name}`;
  if (fraction.length !== 2 || currency.cent === undefined) {
    return `${decimal(written)} ${singular ? one : many}`;
  }
  const cents = String(Number(fraction));
  const small = `${cardinal(cents)} ${currency.cent[cents === '1' ? 0 : 1]}`;
  if (whole === '' || Number(whole) === 0) return cents === '0' ? `zero ${many}` : small;
  return cents === '0' ? `${cardinal(whole)} ${name}` : `${cardinal(whole)} ${name} and ${small}`;
}

/** `$1.5M`, `€20`, `-$5`, `$5–10`. */
export function money(c: Cursor): number {
  const bracketed = c.match(BRACKETED);
  if (bracketed) {
    c.say(amountWords(bracketed[2], '', SYMBOLS[bracketed[1]], false), 0, bracketed[0].length);
    return bracketed[0].length;
  }
  const match = c.match(PREFIXED);
  if (!match) return 0;
  const [{ length }, symbol, minus, written, word, letter] = match;
  const currency = SYMBOLS[symbol.replace('.', '')];
  const scale = scaleOf(word, letter);
  const range = c.match(RANGE, length);
  if (minus !== '') c.say('minus', 0, length);
  if (range) {
    const high = scaleOf(range[2], range[3]);
    const end = length + range[0].length;
    c.say(`${decimal(written)} ${high === scale ? '' : scale} to`, 0, length);
    c.say(amountWords(range[1], high, { unit: currency.unit }, false), length, end);
    return end;
  }
  const code = symbol === '$' ? c.match(CODE_BEHIND, length) : null;
  if (code) {
    c.say(amountWords(written, scale, CODES[code[1]], false), 0, length + code[0].length);
    return length + code[0].length;
  }
  const singular =
    (/^an?$/i.test(c.before) && c.match(THING_NEXT, length) !== null) || c.match(DEAL_NEXT, length) !== null;
  c.say(amountWords(written, scale, currency, singular), 0, length);
  return length;
}

/** `USD 20`. */
export function codedMoney(c: Cursor): number {
  const match = c.match(CODED);
  if (!match) return 0;
  c.say(amountWords(match[2], scaleOf(match[3], match[4]), CODES[match[1]], false), 0, match[0].length);
  return match[0].length;
}

/** `20 USD`, `20€`, `50¢`. */
export function suffixedMoney(c: Cursor): number {
  const change = c.match(SMALL_CHANGE);
  if (change && (change[2] === 'p' || change[1].length === 2) && !/[-/]/.test(c.previous)) {
    const [one, many] = SYMBOLS[change[2] === 'c' ? '$' : '£'].cent ?? CENT;
    c.say(`${cardinal(change[1])} ${change[1] === '1' ? one : many}`, 0, change[0].length);
    return change[0].length;
  }
  const range = c.match(SUFFIXED_RANGE);
  if (range) {
    const [{ length }, low, lowWord, lowLetter, , high, highWord, highLetter, code, symbol] = range;
    const scale = scaleOf(highWord, highLetter);
    const lower = scaleOf(lowWord, lowLetter);
    const split = low.length;
    c.say(`${decimal(american(low))} ${lower === scale ? '' : lower} to`, 0, split);
    c.say(
      amountWords(high, scale, { unit: (code === undefined ? SYMBOLS[symbol] : CODES[code]).unit }, false),
      split,
      length,
    );
    return length;
  }
  const match = c.match(SUFFIXED);
  if (!match) return 0;
  const [{ length }, written, word, letter, code, symbol] = match;
  const currency = code === undefined ? SYMBOLS[symbol] : CODES[code];
  c.say(amountWords(written, scaleOf(word, letter), currency, false), 0, length);
  return length;
}

/** A currency's symbol without an amount. */
export function currencySymbol(c: Cursor): number {
  const currency = Object.hasOwn(SYMBOLS, c.window[0]) ? SYMBOLS[c.window[0]] : undefined;
  if (currency === undefined || c.window[1] === c.window[0]) return 0;
  c.say(currency.unit[0], 0, 1);
  return 1;
}
