import { parseIpa } from '../ipa.ts';
import { koreanIpa } from '../ko/ipa.ts';
import { quote, Unreadable } from './place.ts';

/** Symbols of an alphabet and their IPA. */
type Table = ReadonlyMap<string, string>;

/**
 * X-SAMPA (J. C. Wells, 1995), as Amazon Polly and the Pronunciation Lexicon Specification use it. Letters that are the same in IPA
 * are left out.
 */
const X_SAMPA: Table = tableOf(`
A ɑ  { æ  6 ɐ  Q ɒ  E ɛ  @ ə  @\` ɚ  3 ɜ  3\` ɝ  @\\ ɘ  I ɪ  1 ɨ  } ʉ  O ɔ  2 ø  9 œ  & ɶ  M ɯ  7 ɤ  U ʊ  8 ɵ  V ʌ  Y ʏ  I\\ ᵻ
B β  C ç  D ð  F ɱ  G ɣ  H ɥ  J ɲ  J\\ ɟ  K ɬ  L ʎ  N ŋ  P ʋ  v\\ ʋ  R ʁ  R\\ ʀ  S ʃ  T θ  W ʍ  X χ  Z ʒ  ? ʔ  4 ɾ  5 ɫ  l\` ɭ  n\` ɳ  r\\ ɹ  r\\\` ɻ  r\` ɽ
s\\ ɕ  s\` ʂ  z\\ ʑ  z\` ʐ  t\` ʈ  d\` ɖ  x\\ ɧ  p\\ ɸ  j\\ ʝ  h\\ ɦ  g ɡ  " ˈ  % ˌ  : ː  :\\ ˑ  . .  -\\ ‿  ' ʲ  _h ʰ  _w ʷ  _j ʲ  _~ ̃  ~ ̃  = ̩  _= ̩  _0 ̥  _v ̬  _d ̪  _t ͈  _} ̚  _^ ̯  ^ ꜛ  ! ꜜ
`);

/** Microsoft's phone set for American English (`sapi`): ARPAbet in small letters, a stress mark behind its vowel. */
const SAPI: Table = tableOf(`
aa ɑ  ae æ  ah ʌ  ao ɔ  aw aʊ  ax ə  axr ɚ  ay aɪ  b b  ch tʃ  d d  dh ð  dx ɾ  eh ɛ  er ɝ  ey eɪ  f f  g ɡ  h h  hh h  ih ɪ  ix ɨ  iy i  jh dʒ  k k  l l  m m
n n  ng ŋ  nx ŋ  ow oʊ  oy ɔɪ  p p  q ʔ  r ɹ  s s  sh ʃ  t t  th θ  uh ʊ  uw u  ux ʉ  v v  w w  wh ʍ  y j  z z  zh ʒ  em m̩  en n̩  el l̩
`);

/** Microsoft's Universal Phone Set: the phones of English and their neighbours; phones are separated by spaces, `+` joins two. */
const UPS: Table = tableOf(`
a a  aa ɑ  ae æ  aex ɐ  ah ʌ  ai aɪ  ao ɔ  au aʊ  ax ə  axr ɚ  e e  eh ɛ  ei eɪ  er ɝ  err ɝ  ex ɘ  i i  ih ɪ  ix ɨ  o o  oi ɔɪ  ou oʊ  q ɒ  u u  uh ʊ  ur ɝ  ux ʉ
b b  c ç  ch tʃ  d d  dh ð  dx ɾ  f f  g ɡ  ga ɣ  gt ʔ  h h  j j  jh dʒ  k k  l l  lcl l̩  lg ɫ  m m  mf ɱ  n n  ng ŋ  nj ɲ  p p  r ɹ  ra ɹ  rr r  rh ʁ  s s  sh ʃ  sc ɕ  t t
th θ  v v  va ʋ  w w  wh ʍ  x x  z z  zh ʒ  zc ʑ  lng ː  hlg ˑ  syl ̩  rho ˞  s1 ˈ  s2 ˌ  . .  +  _^ ‿  ts ts  dz dz
`);

/** How to read each alphabet, by the names that vendors give it. */
const READERS: Readonly<Record<string, (written: string) => string>> = {
  ipa: (written) => written,
  'x-sampa': fromXSampa,
  xsampa: fromXSampa,
  sampa: fromXSampa,
  sapi: (written) => fromPhones(written, SAPI),
  'x-microsoft-sapi': (written) => fromPhones(written, SAPI),
  'cmu-arpabet': (written) => fromPhones(written, SAPI),
  arpabet: (written) => fromPhones(written, SAPI),
  'x-arpabet': (written) => fromPhones(written, SAPI),
  ups: (written) => fromPhones(written, UPS),
  'x-microsoft-ups': (written) => fromPhones(written, UPS),
};

/** Names of the alphabets that can be read. */
export const ALPHABETS: readonly string[] = Object.keys(READERS);

/**
 * Reads a pronunciation.
 * @param alphabet its name in any case; `xsampa`, `sapi` and others are synonyms.
 * @returns one list of symbols for each word, as {@link parseIpa}.
 * @throws {Unreadable} for an unknown alphabet and an unknown symbol; {@link SoriError} `invalid_pronunciation` as {@link parseIpa}.
 */
export function readPhonemes(written: string, alphabet: string): string[][] {
  const name = alphabet.toLowerCase();
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (!read) {
    throw new Unreadable(
      `alphabet ${quote(alphabet)} is not supported. Write the pronunciation in one of ${ALPHABETS.join(', ')}.`,
    );
  }
  return parseIpa(read(written), 'input');
}

/**
 * The Hangul of a Korean pronunciation: Hangul as it is said, or in Korean text IPA or X-SAMPA of Korean sounds.
 * @returns undefined for the pronunciation of an English word, and for an invalid one.
 */
export function hangulOf(written: string, alphabet: string, inKorean: boolean): string | undefined {
  if (/^[가-힣\s]+$/.test(written.normalize('NFC'))) return written.normalize('NFC');
  const name = alphabet.toLowerCase();
  if (!inKorean || !/^(?:ipa|x-?sampa)$/.test(name)) return undefined;
  return koreanIpa(READERS[name](written));
}

const LONGEST = Math.max(...[...X_SAMPA.keys()].map((symbol) => symbol.length));

function fromXSampa(written: string): string {
  let ipa = '';
  for (let at = 0; at < written.length; ) {
    let length = Math.min(LONGEST, written.length - at);
    while (length > 1 && !X_SAMPA.has(written.slice(at, at + length))) length--;
    const symbol = written.slice(at, at + length);
    ipa += X_SAMPA.get(symbol) ?? symbol;
    at += length;
  }
  return ipa;
}

/**
 * Phones separated by spaces. `S1` and `S2` come before their syllable; a digit after a vowel, attached or alone, is its stress. `-` and
 * `.` separate syllables, `_`, `#` and `&` words; `+` joins two phones.
 */
function fromPhones(written: string, table: Table): string {
  const phones: string[] = [];
  let joins = false;
  for (const token of written.trim().split(/\s+/)) {
    if (token === '-' || token === '.') continue;
    if (token === '+') {
      joins = phones.length > 0;
      continue;
    }
    const whole = table.get(token.toLowerCase());
    const [, name, stress] = whole === undefined ? /^(.*?)([012]?)$/.exec(token)! : ['', token, ''];
    const ipa = /^[_#&]$/.test(token) ? ' ' : (whole ?? table.get(name.toLowerCase()));
    if (ipa !== undefined && joins) phones[phones.length - 1] += ipa;
    else if (ipa !== undefined) phones.push(ipa);
    else if (name !== '')
      throw new Unreadable(`ph holds ${quote(token)}, which is not a phone of this alphabet.`);
    joins = false;
    if (stress === '1' || stress === '2') stressLast(phones, stress === '1' ? 'ˈ' : 'ˌ');
  }
  // A stress mark behind all vowels belongs to the last of them.
  const last = phones.findLastIndex((phone) => phone === 'ˈ' || phone === 'ˌ');
  if (last > lastVowel(phones)) stressLast(phones, phones.splice(last, 1)[0]);
  return phones.join('');
}

function stressLast(phones: string[], mark: string): void {
  phones.splice(Math.max(0, lastVowel(phones)), 0, mark);
}

/** Index of the last vowel, before which its stress mark goes. */
function lastVowel(phones: readonly string[]): number {
  return phones.findLastIndex((phone) => /[ɑæʌɔaəɚeɛɝɘiɪɨoɒuʊʉɐ]/.test(phone));
}

/** `A ɑ  { æ` → A: ɑ, {: æ. A symbol with nothing behind it is silent. */
function tableOf(written: string): Table {
  return new Map(
    written
      .trim()
      .split(/ {2,}|\n/)
      .filter((pair) => pair !== '')
      .map((pair): [string, string] => {
        const [symbol, ipa = ''] = pair.split(' ');
        return [symbol, ipa];
      }),
  );
}
