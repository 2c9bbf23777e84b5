import { isSyllable } from '../ko/hangul.ts';
import { letterNames } from '../ko/latin/letter-names.ts';
import { normalizeKorean } from '../ko/normalize/normalize.ts';
import { digits, native, readNumber, sino } from '../ko/normalize/numbers.ts';
import { unitAt } from '../ko/normalize/units.ts';
import { type KoreanPlace, sayDate, sayDuration, sayTime } from './say-as-korean-time.ts';

/** Gives the Korean text of a value; undefined when the value is not of this kind. */
type Reader = (value: string, place: KoreanPlace) => string | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  cardinal: sayCardinal,
  ordinal: sayOrdinal,
  digits: (value) => (/^\d[\d .-]*$/.test(value) ? digits(value.replace(/\D/g, '')) : undefined),
  characters: sayCharacters,
  fraction: sayFraction,
  date: sayDate,
  time: sayTime,
  duration: sayDuration,
  telephone: sayPhone,
  currency: sayMoney,
  unit: sayUnit,
};

/**
 * Reads a value of `say-as` in Korean text.
 * @param kind one of the kinds of `say-as.ts`, without its other names.
 * @returns Korean text for the rules of `ko/normalize`, so that a particle after it joins: 육 and 을 are 유글. Undefined for a value that
 *   is none of the kind.
 * @example
 * sayAsKorean('ordinal', '3', { format: undefined, after: ' 줄' }); // '세 번째'
 */
export function sayAsKorean(kind: string, value: string, place: KoreanPlace): string | undefined {
  return READERS[kind]?.(value, place);
}

/** Up to 99 the counter behind the number decides how it is read (세 개, 삼 층), so the figures stay. */
function sayCardinal(value: string): string | undefined {
  const match = /^([+\-−]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)$/.exec(value);
  if (!match) return undefined;
  const number = match[2].replaceAll(',', '').replace(/^0+(?=\d)/, '');
  if (match[1] === '' && /^[1-9]\d?$/.test(number)) return number;
  return readNumber(match[1] + number);
}

const FIRST_TO_FOURTH = ['첫', '둘', '셋', '넷'];

/** `3`, `3번째` and `제3`. A counter after the element is not repeated: `<say-as …>3</say-as>번째`. */
function sayOrdinal(value: string, { after }: KoreanPlace): string | undefined {
  const match = /^(제 ?)?(\d{1,3}(?:,\d{3})+|\d{1,18})(?: ?번째|째|st|nd|rd|th)?$/i.exec(value);
  if (!match) return undefined;
  const number = match[2].replaceAll(',', '');
  const count = Number(number);
  if (match[1] !== undefined) return `제${sino(number)}`;
  if (/^ ?(?:회|차|등|위|호|장|조|항|학년|단계|층)/.test(after)) return `${sino(number)} `;
  const small = count >= 1 && count <= 99;
  if (after.startsWith('째') && small) return FIRST_TO_FOURTH[count - 1] ?? native(count, true);
  const spoken = count === 1 ? '첫' : small ? native(count, true) : sino(number);
  return /^ ?번째/.test(after) ? `${spoken} ` : `${spoken} 번째`;
}

/** Signs by name. */
const SIGNS: ReadonlyMap<string, string> = new Map(
  '-대시 .점 /슬래시 \\역슬래시 _밑줄 @골뱅이 #샵 &앤드 +플러스 *별표 =등호 %퍼센트 $달러 ₩원 !느낌표 ?물음표 ,쉼표 :콜론 ;세미콜론 \'작은따옴표 "큰따옴표 (여는괄호 )닫는괄호 [여는대괄호 ]닫는대괄호 {여는중괄호 }닫는중괄호 <작다 >크다 ^캐럿 ~물결표 |세로줄 –대시 —대시 …말줄임표'
    .split(' ')
    .map((pair) => [pair[0], pair.slice(1)]),
);

/** Syllables are separated by pauses, so that they do not change each other: 독, 립. */
function sayCharacters(value: string): string | undefined {
  let said = '';
  for (const char of value.normalize('NFC')) {
    if (isSyllable(char)) said += ` , ${char} ,`;
    else if (/[a-z]/i.test(char)) said += ` ${letterNames(char)}`;
    else if (/\d/.test(char)) said += digits(char);
    else if (/[ㄱ-ㅎㅏ-ㅣ]/.test(char)) said += ` ${char}`;
    else if (/\s/.test(char)) said += ' ,';
    else if (SIGNS.has(char)) said += ` ${SIGNS.get(char)} `;
    else return undefined;
  }
  return said
    .replace(/(?: ?,)+/g, ' ,')
    .replace(/^[ ,]+|[ ,]+$/g, '')
    .replace(/ +/g, ' ');
}

/** `3/4`, `1 1/2` and `1+1/2`. */
function sayFraction(value: string): string | undefined {
  const match = /^(?:(\d{1,9})(?: |\+| \+ ))?(\d{1,9})\/(\d{1,9})$/.exec(value);
  if (!match || Number(match[3]) === 0) return undefined;
  const [, whole, above, below] = match;
  const part = `${sino(below)}분의 ${sino(above)}`;
  return whole === undefined ? part : `${sino(whole)}과 ${part}`.replace(/([이사오구])과/, '$1와');
}

/** Digit by digit with a short pause between the groups; 내선 before an extension. */
function sayPhone(value: string): string | undefined {
  if (!/^\+?\(?\d[\d\s().\u2010-\u2013-]{1,39}(?:(?:내선|ext\.?|x) ?\d{1,6})?$/i.test(value))
    return undefined;
  const [number, extension] = value.split(/(?:내선|ext\.?|x) ?/i);
  const written = number.match(/\d+/g)!;
  const groups = written.length === 1 ? grouped(written[0]) : written;
  const said = groups.map((group) => digits(group)).join(' , ');
  const plus = value.startsWith('+') ? '플러스 ' : '';
  return `${plus}${said}${extension === undefined ? '' : ` , 내선 ${digits(extension)}`}`;
}

/** The parts of a Korean number that is written without signs. */
function grouped(number: string): string[] {
  const match =
    /^(02)(\d{3,4})(\d{4})$/.exec(number) ??
    /^(0\d{2})(\d{3,4})(\d{4})$/.exec(number) ??
    /^(1[5-9]\d{2})(\d{4})$/.exec(number);
  return match ? match.slice(1) : [number];
}

/** Names of currencies whose codes the text rules do not contain. */
const CURRENCIES: Readonly<Record<string, string>> = {
  AED: '디르함', AUD: '호주 달러', BRL: '헤알', CAD: '캐나다 달러', CHF: '스위스 프랑', CZK: '코루나', DKK: '덴마크 크로네', HKD: '홍콩 달러',
  HUF: '포린트', IDR: '루피아', ILS: '셰켈', INR: '루피', MXN: '멕시코 페소', MYR: '링깃', NOK: '노르웨이 크로네', NZD: '뉴질랜드 달러',
  PHP: '필리핀 페소', PLN: '즈워티', RUB: '루블', SAR: '리얄', SEK: '스웨덴 크로나', SGD: '싱가포르 달러', THB: '밧', TRY: '리라',
  TWD: '대만 달러', VND: '동', ZAR: '랜드',
}; // biome-ignore format: short rows
const KNOWN_CODES = /^(?:USD|KRW|EUR|JPY|CNY|GBP)$/;

/** `₩1,000`, `$42.50`, `20 EUR`, `1000` with the format `KRW`, `3만 원`. */
function sayMoney(value: string, { format }: KoreanPlace): string | undefined {
  const match = /^([+\-−]?)(?:([A-Za-z]{3}) ?)?([\d.,]*\d)(?: ?([A-Za-z]{3}))?$/.exec(value);
  if (match) {
    const [, sign, before, amount, behind] = match;
    const code = (before ?? behind ?? format)?.toUpperCase();
    if (code === undefined) return undefined;
    const minus = sign === '' ? '' : sign === '+' ? '플러스 ' : '마이너스 ';
    if (KNOWN_CODES.test(code)) return `${minus}${asText(`${code} ${amount}`)}`;
    return CURRENCIES[code] && `${minus}${readNumber(amount)} ${CURRENCIES[code]}`;
  }
  return /^[+\-−]?(?:[₩$€£¥] ?[\d.,]+|[\d.,]+ ?(?:[₩$€£¥]|[십백천]?[만억조]? ?(?:원|달러|유로|엔|위안|파운드|센트)))$/.test(
    value,
  )
    ? asText(value)
    : undefined;
}

function sayUnit(value: string): string | undefined {
  const number = /^[+\-−]?\d[\d.,]*/.exec(value)?.[0];
  if (number === undefined) return undefined;
  const unit = unitAt(value, number.length, /^[-−]/.test(number));
  const isWhole = unit && number.length + unit.length === value.length;
  return isWhole || /^ ?[가-힣]+$/.test(value.slice(number.length)) ? asText(value) : undefined;
}

/** As the rules for plain text read it. */
function asText(value: string): string {
  return normalizeKorean(value)
    .map((token) => (token.kind === 'ipa' ? '' : token.text))
    .join(' ');
}
