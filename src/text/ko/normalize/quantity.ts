import { finalOf } from '../hangul.ts';
import { readCode } from '../latin/latin.ts';
import { knownCode } from '../latin/loanwords.ts';
import { hasCounter, readCounted } from './counters.ts';
import { digits, readNumber, sino } from './numbers.ts';
import type { Found, Rule, Scan } from './scanner.ts';
import { type UnitReading, unitAt } from './units.ts';

const NUMBER = String.raw`\d{1,3}(?:,\d{3}){1,8}(?:\.\d{1,20})?|\d{1,60}(?:\.\d{1,20})?`;
const SIGNED = new RegExp(`[-−+]?(?:${NUMBER})`, 'y');
const PLAIN = new RegExp(NUMBER, 'y');
const CURRENCY: Readonly<Record<string, string>> = {
  '₩': '원',
  $: '달러',
  '€': '유로',
  '£': '파운드',
  '¥': '엔',
};
const CODES: Readonly<Record<string, string>> = {
  USD: '달러',
  KRW: '원',
  EUR: '유로',
  JPY: '엔',
  CNY: '위안',
  GBP: '파운드',
};
const MONEY = new RegExp(
  `(?:([₩$€£¥])|(USD|KRW|EUR|JPY|CNY|GBP) ?) ?(${NUMBER})(?:([MBK])(?![A-Za-z]))?`,
  'y',
);
const MONEY_AFTER = /(?: ?(USD|KRW|EUR|JPY|CNY|GBP)(?![A-Za-z])|([₩$€£¥]))/y;
const RANGE = new RegExp(
  String.raw`(${NUMBER}) ?(?:~|-(?=\d+ ?(?:(?!번지|번길|번|호|동)[가-힣%℃°]|[a-zA-Z]{1,3}(?![a-zA-Z0-9])))) ?(${NUMBER})(?![-\d])`,
  'y',
);
const FRACTION = /(\d{1,3})\/(\d{1,3})(?![\d/])/y;
const MIXED = /(\d+)?([½⅓⅔¼¾⅕⅛])/y;
const VULGAR: Readonly<Record<string, string>> = {
  '½': '이분의 일',
  '⅓': '삼분의 일',
  '⅔': '삼분의 이',
  '¼': '사분의 일',
  '¾': '사분의 삼',
  '⅕': '오분의 일',
  '⅛': '팔분의 일',
};
const SCORE = /(\d{1,3}) ?: ?(\d{1,3})(?: ?: ?(\d{1,3}))?(?![\d:])/y;
const RESULT = /(\d{1,2}) ?- ?(\d{1,2})(?= ?(?:로 ?(?:이|승|패|졌|앞|뒤|비)|승|패|무승부|스코어|완승|역전))/y;
const ADDRESS = /(\d{1,5})-(\d{1,4})(?![\d-])/y;
const VERSION = /[vV]?(\d{1,4}(?:\.\d{1,4}){2,3})(?!\d)|[vV](\d{1,4}(?:\.\d{1,4})?)(?![\dA-Za-z])/y;
const MIXED_CODE =
  /[A-Za-z]{1,40}(?:[-&+./]?[A-Za-z0-9]{1,20}){0,4}(?:\+\+|#)?|\d{1,20}[A-Za-z][A-Za-z0-9]{0,20}(?:-[A-Za-z0-9]{1,20}){0,4}/y;
const LARGE = /(?:[십백천]?(?:만(?!점|족|큼)|억|조(?!각|항|명|합|금|차))|[십백천](?!안|국|제))/y;

/** `₩1,000`, `$3.50`, `USD 20`, `5€`. */
export const money: Rule = (scan, at) => {
  const match = scan.match(MONEY, at);
  if (!match) return undefined;
  const [all, sign, code, number, scale] = match;
  const unit = sign ? CURRENCY[sign] : CODES[code];
  const after = scan.after(at + all.length);
  if (scale !== undefined) {
    const factor = { M: 1e6, B: 1e9, K: 1e3 }[scale]!;
    return {
      length: all.length,
      say: `${readNumber(String(Math.round(Number(number.replaceAll(',', '')) * factor)))} ${unit}`,
    };
  }
  const large = /^ ?([십백천]?[만억조])(?: ?(?:원|달러|유로|엔))?/.exec(after);
  if (large) return { length: all.length + large[0].length, say: `${largeNumber(number, large[1])} ${unit}` };
  return { length: all.length, say: amount(number, unit) };
};

function amount(number: string, unit: string): string {
  const [whole, cents] = number.split('.');
  if (cents?.length !== 2 || !/^(?:달러|유로|파운드)$/.test(unit)) return `${readNumber(number)} ${unit}`;
  const small = unit === '파운드' ? '펜스' : '센트';
  const rest = Number(cents) > 0 ? `${sino(String(Number(cents)))} ${small}` : '';
  if (Number(whole) === 0 && rest !== '') return rest;
  return `${readNumber(whole)} ${unit}${rest && ` ${rest}`}`;
}

function largeNumber(number: string, large: string): string {
  const bare = number === '1' && /^[만천백십]/.test(large);
  return `${bare ? '' : readNumber(number)}${large}`;
}

const BUNDLE = /([12])\+1(?= ?(?:행사|이벤트|상품|증정|할인|기획|로 ))/y;

/** `1+1 행사`: one for the price of none. */
export const bundle: Rule = (scan, at) => {
  const match = scan.match(BUNDLE, at);
  return match ? { length: match[0].length, say: `${match[1] === '1' ? '원' : '투'}플러스원` } : undefined;
};

/** `3~5개`, `10-20%`: native counters are said twice, others once. */
export const range: Rule = (scan, at) => {
  const match = scan.match(RANGE, at);
  if (!match || /[\d.]$/.test(scan.before(at))) return undefined;
  const [all, from, to] = match;
  const end = at + all.length;
  const unit = unitAt(scan.text, end, false);
  const before = scan.before(at);
  if (unit) {
    const spoken = [unit.before, `${readNumber(from)}에서`, readNumber(to), unit.unit].filter(
      (word) => word !== '',
    );
    return { length: all.length + unit.length, say: spoken.join(' ') };
  }
  const large = scan.match(LARGE, end)?.[0];
  if (large)
    return { length: all.length + large.length, say: `${readNumber(from)}에서 ${largeNumber(to, large)} ` };
  const after = scan.after(end);
  const first = readCounted({ number: from, before, after });
  const last = readCounted({ number: to, before: '', after });
  const isNative = first.spoken !== readNumber(from) || last.spoken !== readNumber(to);
  const gap = last.attached || last.counter === '' ? '' : ' ';
  if (last.counter === '월') return { length: all.length, say: `${first.spoken}월에서 ${last.spoken}` };
  // 20~30대 are ages.
  const isAge = last.counter === '대' && Number(from) % 10 === 0 && Number(to) % 10 === 0;
  if (isAge) return { length: all.length, say: `${readNumber(from)}에서 ${readNumber(to)}${gap}` };
  if (isNative)
    return { length: all.length, say: `${first.spoken} ${last.counter}에서 ${last.spoken}${gap}` };
  return { length: all.length, say: `${first.spoken}에서 ${last.spoken}${gap}` };
};

/** `1/2`, `¾`, `2½`. */
export const fraction: Rule = (scan, at) => {
  const vulgar = scan.match(MIXED, at);
  if (vulgar) {
    const whole =
      vulgar[1] === undefined
        ? ''
        : `${readNumber(vulgar[1])} 와 `.replace(' 와', finalOf(readNumber(vulgar[1])) ? '과' : '와');
    return { length: vulgar[0].length, say: whole + VULGAR[vulgar[2]] };
  }
  const match = scan.match(FRACTION, at);
  if (!match || /[\d/.]$/.test(scan.before(at)) || Number(match[2]) === 0) return undefined;
  return { length: match[0].length, say: `${sino(match[2])}분의 ${sino(match[1])}` };
};

/** `3-1로 이겼다`. */
export const result: Rule = (scan, at) => against(scan, at, RESULT);

/** `2:1`, `16:9`. */
export const score: Rule = (scan, at) => against(scan, at, SCORE);

function against(scan: Scan, at: number, pattern: RegExp): Found | undefined {
  const match = scan.match(pattern, at);
  if (!match || /[\d:.]$/.test(scan.before(at))) return undefined;
  const parts = match.slice(1).filter((part) => part !== undefined);
  return { length: match[0].length, say: parts.map((part) => readNumber(part)).join(' 대 ') };
}

/** `12-3`, as in addresses. */
export const branch: Rule = (scan, at) => {
  const match = scan.match(ADDRESS, at);
  if (!match || /[\d-]$/.test(scan.before(at))) return undefined;
  const after = scan.after(at + match[0].length);
  const [, number, sub] = match;
  const gap = hasCounter(after) && !/^ /.test(after) ? ' ' : '';
  return { length: match[0].length, say: `${readNumber(number)} 다시 ${readNumber(sub)}${gap}` };
};

/** `v2.1`, `2.1.3`. */
export const version: Rule = (scan, at) => {
  const match = scan.match(VERSION, at);
  if (!match || /[\dA-Za-z.]$/.test(scan.before(at))) return undefined;
  const parts = (match[1] ?? match[2]).split('.').map((part) => sino(part));
  return { length: match[0].length, say: `${/^v/i.test(match[0]) ? '버전 ' : ''}${parts.join(' 점 ')}` };
};

/** Letters and digits that belong together: `A-12`, `KE123`, `5G`, `R&D`, `iPhone`. */
export const code: Rule = (scan, at) => {
  const match = scan.match(MIXED_CODE, at);
  if (!match || !/[A-Za-z]/.test(match[0])) return undefined;
  let written = match[0];
  // A number with a unit is no code.
  const number = /^\d+/.exec(written);
  if (number && unitAt(scan.text, at + number[0].length, false)) return undefined;
  const known = knownCode(written);
  if (known !== undefined) return { length: written.length, say: known };
  // Words joined by signs are words of their own; what joins letters and digits is one code.
  const joined = /^[A-Za-z]+(?=[/.+](?:[A-Za-z]|\d))|^[A-Za-z]{2,}(?=[-&][A-Za-z]{2,})/.exec(written);
  if (joined) written = joined[0];
  const after = scan.after(at + written.length);
  const gap = /\d$/.test(written) && /^[가-힣]/.test(after) && hasCounter(after) ? ' ' : '';
  return { length: written.length, say: readCode(written, codeDigits, scan.english) + gap };
};

/** Up to two digits are a number, more are read one by one. */
function codeDigits(written: string): string {
  return written.length <= 2 && !written.startsWith('0') ? sino(written) : digits(written);
}

/** Numbers with units, with 만 and 억, with counters, and bare ones. */
export const quantity: Rule = (scan, at) => {
  const before = scan.before(at);
  const pattern = /[\dA-Za-z가-힣)\]]$/.test(before) ? PLAIN : SIGNED;
  const match = scan.match(pattern, at);
  if (!match) return undefined;
  const [written] = match;
  const end = at + written.length;
  return (
    withUnit(scan, written, end) ??
    withCurrency(scan, written, end) ??
    withLarge(scan, written, end) ??
    counted(scan, written, at)
  );
};

function withUnit(scan: Scan, written: string, end: number): Found | undefined {
  const unit = unitAt(scan.text, end, /^[-−]/.test(written));
  if (!unit) return undefined;
  return { length: written.length + unit.length, say: spokenNumber(written, unit) };
}

function spokenNumber(written: string, { before, unit, unsigned }: UnitReading): string {
  const number = readNumber(unsigned ? written.replace(/^[-−]/, '') : written);
  return [before, number, unit].filter((word) => word !== '').join(' ');
}

function withCurrency(scan: Scan, written: string, end: number): Found | undefined {
  const match = scan.match(MONEY_AFTER, end);
  if (!match) return undefined;
  return {
    length: written.length + match[0].length,
    say: amount(written, CODES[match[1]] ?? CURRENCY[match[2]]),
  };
}

function withLarge(scan: Scan, written: string, end: number): Found | undefined {
  const large = scan.match(LARGE, end)?.[0];
  if (large === undefined) return undefined;
  const length = written.length + large.length;
  const after = scan.after(end + large.length);
  const gap =
    /^[\d가-힣]/.test(after) && !/^(?:여|이|을|가|를|은|는|과|와|에|의|도|분의|까지|부터|대|단위)/.test(after)
      ? ' '
      : '';
  return { length, say: largeNumber(written, large) + gap };
}

/** Words before a number that is a name and not an amount. */
const LABEL =
  /(?:(?:인증|주문|예약|접수|고객|회원|승인|거래|계좌|카드|송장|운송장|우편|사서함|일련|제품|모델|사업자|등록|주민|여권|면허|확인|비밀|차량|전화|연락처|내선|학|군|사|발권|티켓|쿠폰|관리|문의|사건|문서) ?번호|번호|코드|암호|비번|송장|우편함|PIN|OTP|핀) ?(?:는|은|가|이|를|을)?:? ?["'[(]?$/;

function counted(scan: Scan, written: string, at: number): Found {
  const after = scan.after(at + written.length);
  const isTime = /^ ?[시분초월일]/.test(after);
  const length = written.length;
  if (/^[-+−]/.test(written)) return { length, say: readNumber(written) };
  if (/^0\d+$/.test(written) && !isTime) return { length, say: digits(written) };
  const isName = written.length >= 9 || (written.length >= 3 && LABEL.test(scan.before(at)));
  if (/^\d+$/.test(written) && isName && !hasCounter(after)) return { length, say: digits(written) };
  const number = isTime ? written.replace(/^0+(?=\d)/, '') : written;
  const { spoken, attached, counter } = readCounted({ number, before: scan.before(at), after });
  const gap = !attached && counter !== '' && /^[가-힣]/.test(after) ? ' ' : '';
  return { length, say: spoken + gap };
}
