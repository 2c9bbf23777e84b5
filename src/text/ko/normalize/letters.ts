import { finalOf } from '../hangul.ts';
import { HAN, readHanja } from '../hanja/hanja.ts';
import { readLatin } from '../latin/latin.ts';
import { particleFor, spokenFinal } from '../particles.ts';
import { sino } from './numbers.ts';
import type { Rule } from './scanner.ts';

const HANGUL = /[가-힣]{1,200}/y;
const LATIN = /[A-Za-z]{1,60}(?:'[A-Za-z]{1,3})?/y;
const HAN_RUN = new RegExp(`(?:${HAN.source}){1,60}`, 'uy');
const GLOSS = new RegExp(`\\(((?:${HAN.source}){1,20})\\)`, 'uy');
const ROMAN = /[Ⅰ-Ⅻⅰ-ⅻ]/y;
const ASCII_ROMAN = /(?:II|III|IV|VI|VII|VIII|IX|XI|XII)(?![A-Za-z0-9])/y;
const ROMAN_VALUES: Readonly<Record<string, number>> = {
  II: 2,
  III: 3,
  IV: 4,
  VI: 6,
  VII: 7,
  VIII: 8,
  IX: 9,
  XI: 11,
  XII: 12,
};
const CIRCLED = /[①-⑳⑴-⒇]/y;
const JAMO = /([ㄱ-ㅎㅏ-ㅣ])\1{0,40}/y;
const JAMO_RUN = /[ㄱ-ㅎㅏ-ㅣ]{1,40}/y;
const CONSONANT_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  'ㄱ기역 ㄲ쌍기역 ㄴ니은 ㄷ디귿 ㄸ쌍디귿 ㄹ리을 ㅁ미음 ㅂ비읍 ㅃ쌍비읍 ㅅ시옷 ㅆ쌍시옷 ㅇ이응 ㅈ지읒 ㅉ쌍지읒 ㅊ치읓 ㅋ키읔 ㅌ티읕 ㅍ피읖 ㅎ히읗 ㅏ아 ㅐ애 ㅑ야 ㅒ얘 ㅓ어 ㅔ에 ㅕ여 ㅖ예 ㅗ오 ㅘ와 ㅙ왜 ㅚ외 ㅛ요 ㅜ우 ㅝ워 ㅞ웨 ㅟ위 ㅠ유 ㅡ으 ㅢ의 ㅣ이 ㄳ기역시옷 ㄵ니은지읒 ㄶ니은히읗 ㄺ리을기역 ㄻ리을미음 ㄼ리을비읍 ㄽ리을시옷 ㄾ리을티읕 ㄿ리을피읖 ㅀ리을히읗 ㅄ비읍시옷'
    .split(' ')
    .map((pair) => [pair[0], pair.slice(1)]),
);
/** Consonant abbreviations and their spoken forms. */
const CHAT: Readonly<Record<string, string>> = {
  ㅇㅇ: '응응',
  ㅇㅋ: '오케이',
  ㄱㅅ: '감사',
  ㅊㅋ: '축하',
  ㄱㄱ: '고고',
  ㅂㅂ: '바이바이',
  ㅈㅅ: '죄송',
  ㄴㄴ: '노노',
  ㅎㅇ: '하이',
  ㅅㄱ: '수고',
};

/** Hangul is read as written. */
export const hangul: Rule = (scan, at) => {
  const match = scan.match(HANGUL, at)?.[0];
  if (match === undefined) return undefined;
  // 사과을(를): the particle is left for its own rule.
  for (const length of [1, 2, 3]) {
    const from = match.length - length;
    if (from > 0 && scan.match(OPEN, at + from)) return { length: from, say: match.slice(0, from) };
  }
  return { length: match.length, say: match };
};

/** Latin words in Hangul. */
export const latin: Rule = (scan, at) => {
  const match = scan.match(LATIN, at);
  if (!match) return undefined;
  // A possessive 's has no meaning in Korean text; it belongs to the name: McDonald's.
  const word = match[0].replace(/'s$/, '');
  return { length: match[0].length, say: readLatin(word, scan.english) };
};

/** Chinese characters by their Korean reading. After the word that they explain they are left out. */
export const hanja: Rule = (scan, at) => {
  const gloss = scan.match(GLOSS, at);
  if (gloss) {
    const { reading, unknown } = readHanja(gloss[1]);
    if (unknown < 0 && scan.before(at).endsWith(reading)) return { length: gloss[0].length, say: '' };
    return undefined;
  }
  const match = scan.match(HAN_RUN, at);
  if (!match) return undefined;
  const { reading, unknown } = readHanja(match[0]);
  if (unknown >= 0) {
    const [char] = Array.from(match[0].slice(unknown));
    scan.unread.push({ start: at + unknown, end: at + unknown + char.length });
    return { length: unknown + char.length, say: reading };
  }
  return { length: match[0].length, say: reading };
};

/** `Ⅱ`, `VII`, `①`: as numbers. */
export const numeral: Rule = (scan, at) => {
  const roman = scan.match(ROMAN, at);
  if (roman) {
    const code = roman[0].charCodeAt(0);
    return { length: 1, say: sino(String(code - (code >= 0x2170 ? 0x216f : 0x215f))) };
  }
  const ascii = scan.match(ASCII_ROMAN, at);
  if (ascii && /(?:^|[가-힣 ])$/.test(scan.before(at)))
    return { length: ascii[0].length, say: sino(String(ROMAN_VALUES[ascii[0]])) };
  const circled = scan.match(CIRCLED, at);
  if (!circled) return undefined;
  const code = circled[0].charCodeAt(0);
  return { length: 1, say: ` ${sino(String(code - (code >= 0x2474 ? 0x2473 : 0x245f)))} ` };
};

/** Single Hangul letters: laughter and tears, everyday short forms, others by their names. */
export const jamo: Rule = (scan, at) => {
  const run = scan.match(JAMO_RUN, at)?.[0];
  if (run === undefined) return undefined;
  const chat = CHAT[run];
  const apart = /[가-힣]$/.test(scan.before(at)) ? ' ' : '';
  if (chat !== undefined) return { length: run.length, say: apart + chat };
  const [same, letter] = scan.match(JAMO, at)!;
  const length = same.length;
  const times = Math.min(length, 3);
  if (letter === 'ㅋ' && length > 1) return { length, say: apart + '크'.repeat(times) };
  if (letter === 'ㅎ' && length > 1) return { length, say: apart + '흐'.repeat(times) };
  if (/[ㅠㅜ]/.test(letter) && length > 1) return { length, say: `${apart}흑흑` };
  const names = Array.from(same, (one) => CONSONANT_NAMES[one] ?? '').join(' ');
  const more = scan.text[at + length] !== undefined && /[ㄱ-ㅎㅏ-ㅣ]/.test(scan.text[at + length]);
  return { length, say: names + (more ? ' ' : '') };
};

/** A particle in both its forms. */
const OPEN =
  /을\(를\)|를\(을\)|이\(가\)|가\(이\)|은\(는\)|는\(은\)|과\(와\)|와\(과\)|아\(야\)|야\(아\)|\(으\)로|으로\(로\)|로\(으로\)|\(이\)(?=나|랑|며|면|고|라|든)|이에요\(예요\)|예요\(이에요\)/y;

/** A particle in both forms, `을(를)`: speaks the form that fits the word before. */
export const openParticle: Rule = (scan, at) => {
  const match = scan.match(OPEN, at);
  if (!match || at === 0) return undefined;
  const [written] = match;
  if (written === '(이)') return { length: 3, say: finalOf(scan.lastSaid) === '' ? '' : '이' };
  const particle = written === '(으)로' ? '으로' : written.split('(')[0];
  if (spokenFinal(scan.lastSaid) === '' && scan.lastSaid === '') return undefined;
  return { length: written.length, say: particleFor(scan.lastSaid, particle) };
};
