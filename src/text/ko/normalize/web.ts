import { readLatin } from '../latin/latin.ts';
import { digits } from './numbers.ts';
import type { Rule, Scan } from './scanner.ts';

const EMAIL = /[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}/y;
const TLD = 'com|net|org|kr|jp|us|io|ai|dev|app|me|co|gov|edu|info|biz|tv|shop|xyz|cloud|page|link';
const ADDRESS = new RegExp(
  String.raw`(?:https?://(?:www\.)?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}|(?:www\.)?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.(?:${TLD})(?:\.kr)?)(?::\d{1,5})?(?:/[A-Za-z0-9._~%#?&=+/-]{0,200})?(?![A-Za-z0-9@])`,
  'y',
);
const IP = /(?:\d{1,3}\.){3}\d{1,3}(?![\d.]\d)/y;
const SIGNS: Readonly<Record<string, string>> = {
  '.': '점',
  '-': '하이픈',
  _: '밑줄',
  '/': '슬래시',
  '@': '골뱅이',
  '+': '플러스',
  '?': '물음표',
  '=': '이퀄',
  '&': '앤드',
  '#': '샵',
  '%': '퍼센트',
  ':': '콜론',
  '~': '물결',
};

function spell(address: string, scan: Scan): string {
  const words: string[] = [];
  for (const [part] of address.matchAll(/\.com(?![A-Za-z0-9])|[A-Za-z]+|\d+|[^A-Za-z0-9]/g)) {
    if (part === '.com') words.push('닷컴');
    else if (/\d/.test(part)) words.push(digits(part));
    else if (/[A-Za-z]/.test(part))
      words.push(readLatin(part.length <= 3 ? part.toUpperCase() : part, scan.english));
    else words.push(SIGNS[part] ?? '');
  }
  return words.filter((word) => word !== '').join(' ');
}

/** E-mail and web addresses and IP numbers: words and letters with the names of the signs between them; `https://` is not read. */
export const webAddress: Rule = (scan, at) => {
  if (/[A-Za-z0-9@._-]$/.test(scan.before(at))) return undefined;
  const email = scan.match(EMAIL, at)?.[0].replace(/\.$/, '');
  if (email !== undefined) return { length: email.length, say: spell(email, scan) };
  const address = scan.match(ADDRESS, at)?.[0].replace(/[.?,]+$/, '');
  if (address !== undefined && /[A-Za-z]/.test(address)) {
    return {
      length: address.length,
      say: spell(address.replace(/^https?:\/\//, '').replace(/\/$/, ''), scan),
    };
  }
  const ip = scan.match(IP, at)?.[0];
  if (ip === undefined) return undefined;
  return {
    length: ip.length,
    say: ip
      .split('.')
      .map((part) => digits(part, '영'))
      .join(' 점 '),
  };
};
