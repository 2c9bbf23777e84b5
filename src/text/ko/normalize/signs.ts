import { finalOf } from '../hangul.ts';
import { emojiName } from './emoji.ts';
import type { Found, Rule, Scan } from './scanner.ts';

const EMOJI =
  /(?:[\u{1f1e6}-\u{1f1ff}]{2}|[0-9#*]\ufe0f?\u20e3|[\p{ExtPict}\p{Emoji_Modifier}]\p{Emoji_Modifier}?\ufe0f?\u20e3?(?:\u200d\p{ExtPict}\p{Emoji_Modifier}?\ufe0f?){0,6})/uy;
const EMOTICON = /(?:[:;=8xX][-'^]?[)(DPpOo3|\\\]]|<3|\^_?\^;?|-_-;?|T_T|>_<|:'\()(?=[\s.,!?~]|$)/y;
const SPACES = /[ \u00a0]+/y;
const EQUALS = / *= */y;
const PAUSES: Readonly<Record<string, string>> = {
  ',': ',',
  '、': ',',
  ';': ';',
  ':': ':',
  '—': '—',
  '…': '…',
  '|': ',',
  '(': ',',
  ')': ',',
  '[': ',',
  ']': ',',
  '{': ',',
  '}': ',',
  '·': ',',
  '※': ',',
  '■': ',',
  '▶': ',',
  '★': ',',
  '●': ',',
};
/** Signs between words, and what they are called. */
const NAMES: Readonly<Record<string, string>> = {
  '&': '앤드',
  '@': '앳',
  '#': '샵',
  '%': '퍼센트',
  '+': '플러스',
  '=': '는',
  '×': '곱하기',
  '÷': '나누기',
  '±': '플러스마이너스',
  '≥': '크거나 같다',
  '≤': '작거나 같다',
  '≠': '같지 않다',
  '≒': '약',
  '≈': '약',
  '>': '크다',
  '<': '작다',
  '∞': '무한대',
  '√': '루트',
  π: '파이',
  μ: '뮤',
  Ω: '옴',
  $: '달러',
  '₩': '원',
  '€': '유로',
  '£': '파운드',
  '¥': '엔',
  '°': '도',
  '℃': '도',
  '℉': '화씨',
  '*': '별표',
  '¢': '센트',
  '㉿': '',
  '←': '왼쪽 화살표',
  '↑': '위쪽 화살표',
  '↓': '아래쪽 화살표',
  '♥': '하트',
  '♡': '하트',
  '♪': '',
  '♬': '',
  '☆': '별',
  '²': '제곱',
  '³': '세제곱',
};

/** Spaces part words. */
export const space: Rule = (scan, at) => {
  const equals = scan.match(EQUALS, at);
  if (equals && scan.lastSaid !== '' && !/[<>]/.test(scan.after(at))) {
    return { length: equals[0].length, say: `${finalOf(scan.lastSaid) === '' ? '는' : '은'} ` };
  }
  const match = scan.match(SPACES, at);
  return match ? { length: match[0].length, say: ' ' } : undefined;
};

/** An emoji by its Korean name, the same one many times over once; emoticons are silent. */
export const emoji: Rule = (scan, at) => {
  const face =
    /(?:^|\s)$/.test(scan.before(at)) || /[가-힣]$/.test(scan.before(at)) ? scan.match(EMOTICON, at) : null;
  if (face) return { length: face[0].length, say: '' };
  const match = scan.match(EMOJI, at);
  if (!match) return undefined;
  let { length } = match[0];
  for (
    let again = scan.match(EMOJI, at + length);
    again?.[0] === match[0];
    again = scan.match(EMOJI, at + length)
  ) {
    length += again[0].length;
  }
  const name = emojiName(match[0]);
  return { length, say: name === '' ? '' : ` , ${name} , ` };
};

/** Full stops, commas, brackets and their like. */
export const punctuation: Rule = (scan, at) => {
  const char = scan.text[at];
  const before = scan.before(at);
  if (/[.?!]/.test(char)) return sentenceEnd(scan, at);
  if (char === '-' && / $/.test(before) && /^- /.test(scan.after(at))) return { length: 1, say: ' — ' };
  const pause = PAUSES[char];
  if (pause !== undefined) return { length: 1, say: ` ${pause} ` };
  if (char === '/' && /[가-힣A-Za-z0-9)] ?$/.test(before)) return { length: 1, say: ' , ' };
  if (/["'\\^_\-/~]/.test(char)) return { length: 1, say: char === '-' || char === '_' ? ' ' : '' };
  return undefined;
};

const ENDS = /[.?!]{1,40}/y;

function sentenceEnd(scan: Scan, at: number): Found {
  const marks = scan.match(ENDS, at)![0];
  const mark = marks.includes('?') ? '?' : marks.includes('!') ? '!' : marks.length > 1 ? '…' : '.';
  return { length: marks.length, say: ` ${mark} ` };
}

/** Signs between numbers and words: `~` `→` `+` `=` `×` `&` `#`. */
export const sign: Rule = (scan, at) => {
  const char = scan.text[at];
  const before = scan.before(at);
  const after = scan.after(at + 1);
  if (
    (char === '~' || char === '→') &&
    /[가-힣A-Za-z0-9%)] ?$/.test(before) &&
    /^ ?[가-힣A-Za-z0-9]/.test(after)
  ) {
    // A wave behind an ending only draws it out.
    if (char === '~' && /[요다까네죠지야아어] ?$/.test(before)) return { length: 1, say: ' ' };
    return { length: 1, say: '에서 ' };
  }
  if (char === '+' && /\d ?$/.test(before) && /^ ?\d/.test(after)) return { length: 1, say: ' 더하기 ' };
  if (char === '-' && /\d $/.test(before) && /^ \d/.test(after)) return { length: 1, say: ' 빼기 ' };
  if ((char === 'x' || char === 'X' || char === '*') && /\d ?$/.test(before) && /^ ?\d/.test(after))
    return { length: 1, say: ' 곱하기 ' };
  if (
    char === '#' &&
    /^[가-힣A-Za-z]/.test(after) &&
    /(?:^|\s)$/.test(before) &&
    !/^(?:을|를|을 |버튼|키|표)/.test(after)
  ) {
    return { length: 1, say: '해시태그 ' };
  }
  if (char === '*') {
    const isKey = /^ ?(?:을|를|표|키|버튼|번|과|와)/.test(after);
    return { length: 1, say: isKey ? '별표' : ' ' };
  }
  if (char === '&' && /[가-힣A-Za-z] ?$/.test(before)) return { length: 1, say: ' 앤드 ' };
  if (char === '<' || char === '>')
    return {
      length: 1,
      say: /[\d가-힣] ?$/.test(before) && /^ ?\d/.test(after) ? (char === '<' ? ' 작다 ' : ' 크다 ') : '',
    };
  const name = NAMES[char];
  if (name === undefined) return undefined;
  if (/^(?:을|를|은|는|이|가|과|와|에|로|의)/.test(after)) return { length: 1, say: ` ${name}` };
  return { length: 1, say: ` ${name} ` };
};
