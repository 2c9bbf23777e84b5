const DIGITS = ['영', '일', '이', '삼', '사', '오', '육', '칠', '팔', '구'];
const UNITS = ['', '십', '백', '천'];
const GROUPS = ['', '만', '억', '조', '경', '해'];
const NATIVE_ONES = ['', '하나', '둘', '셋', '넷', '다섯', '여섯', '일곱', '여덟', '아홉'];
const NATIVE_TENS = ['', '열', '스물', '서른', '마흔', '쉰', '예순', '일흔', '여든', '아흔'];
const BEFORE_COUNTER: Readonly<Record<string, string>> = { 하나: '한', 둘: '두', 셋: '세', 넷: '네' };

/** Longest whole number that is read as one; longer ones are read digit by digit. */
const MAX_DIGITS = 24;

/** Digits one by one: 0 is 공, as in telephone numbers, or `zero`. */
export function digits(written: string, zero = '공'): string {
  return Array.from(written, (digit) => (digit === '0' ? zero : (DIGITS[Number(digit)] ?? ''))).join('');
}

function group(four: string): string {
  return Array.from(four.padStart(4, '0'), (digit, i) => {
    const unit = UNITS[3 - i];
    if (digit === '0') return '';
    return digit === '1' && unit !== '' ? unit : DIGITS[Number(digit)] + unit;
  }).join('');
}

/**
 * A whole number in Sino-Korean, in words of four digits separated by spaces: 120000 → 십이만, 12345 → 만 이천삼백사십오. Numbers that begin with 0 or
 * are too long are read digit by digit.
 */
export function sino(written: string): string {
  if (written.length > MAX_DIGITS || (written.length > 1 && written.startsWith('0'))) return digits(written);
  if (/^0+$/.test(written)) return '영';
  const words: string[] = [];
  const count = Math.ceil(written.length / 4);
  for (let i = 0; i < count; i++) {
    const power = count - 1 - i;
    const end = written.length - power * 4;
    const spoken = group(written.slice(Math.max(0, end - 4), end));
    if (spoken === '') continue;
    // 10000 is 만 and not 일만, unless there are digits before it.
    const bare = spoken === '일' && GROUPS[power] === '만' && i === 0;
    words.push((bare ? '' : spoken) + GROUPS[power]);
  }
  return words.join(' ');
}

/**
 * A number as Sino-Korean reads it, with thousands separators, sign and decimals: -3.14 → 마이너스 삼 점 일사.
 */
export function readNumber(written: string): string {
  const sign = /^[-−]/.test(written) ? '마이너스 ' : written.startsWith('+') ? '플러스 ' : '';
  const [whole, decimals] = written
    .replace(/^[-−+]/, '')
    .replaceAll(',', '')
    .split('.');
  const spoken = sino(whole === '' ? '0' : whole);
  return decimals === undefined || decimals === ''
    ? sign + spoken
    : `${sign}${spoken} 점 ${digits(decimals, '영')}`;
}

/**
 * A native number from 1 to 99.
 * @param counter does a counter follow: 한 개, 스무 살?
 */
export function native(value: number, counter: boolean): string {
  const [ten, one] = [Math.floor(value / 10), value % 10];
  if (counter && value === 20) return '스무';
  const last = NATIVE_ONES[one];
  return NATIVE_TENS[ten] + (counter ? (BEFORE_COUNTER[last] ?? last) : last);
}
