/** Text in one spelling; character `i` of `text` came from `[starts[i], ends[i])` of the original. */
export interface FoldedText {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Variants of marks: a character and its replacement; `_` is a space, an empty replacement removes it. */
const FOLDS: ReadonlyMap<string, string> = new Map(
  `‘' ’' ‚' ‛' ′' \`' ´' “" ”" „" ‟" «" »" ″" 「" 」" 『" 』" 《" 》" 〈" 〉" ‐- ‑- ‒- –~ ―— 。. 、, ，, ！! ？? ：: ；; ～~ 〜~ ∼~ ˜~ ㆍ· ‧· •· ・· ⋅· ⁄/ ∕/
【( 】) 〔( 〕) ［( ］) ™ ©_ ®_ º° −- ➔→ ⇒→ ➡→ ₩₩ ￦₩ ￥¥ 〇〇 ‼! ⁇? ⁈? ⁉? …… ⋯…`
    .split(/\s/)
    .map((pair) => [Array.from(pair)[0], pair.slice(Array.from(pair)[0].length).replace('_', ' ')]),
);

/** Superscripts, fractions, Roman and circled numbers have rules of their own. */
const KEPT = /^[²³¹⁰⁴-⁹¼-¾⅐-⅞Ⅰ-ⅿ①-⑳⑴-⒇㉠-㉻ㄱ-ㆎ℃℉Ω]$/u;
const CONJOINING = /[ᄀ-ᅟ][ᅠ-ᆧ][ᆨ-ᇿ]?|[ᄀ-ᅟ]|[ᅠ-ᆧ]|[ᆨ-ᇿ]/y;
const LINE_BREAK = /^[\n\r\v\f\u0085\u2028\u2029]$/u;
const DROPPED = /^(?![\u200d\ufe0f\u20e3])[\p{Cc}\p{Cf}\p{Cs}\p{Mn}\p{Me}\p{Co}\p{Cn}]$/u;

/**
 * Folds text to what the rules read: composed Hangul, ASCII for full-width letters and digits, units such as ㎞ as letters, one kind of
 * quote, dash and space. Emoji and other scripts stay as they are.
 * @param input any string, ill-formed ones included.
 */
export function fold(input: string): FoldedText {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0; at < input.length; ) {
    CONJOINING.lastIndex = at;
    const jamo = CONJOINING.exec(input)?.[0];
    const char = jamo ?? String.fromCodePoint(input.codePointAt(at)!);
    const end = at + char.length;
    const out = jamo ? composed(jamo) : foldOne(char);
    for (let i = 0; i < out.length; i++) {
      starts.push(at);
      ends.push(end);
    }
    text += out;
    at = end;
  }
  return { text, starts, ends };
}

/** Conjoining jamo as syllables, or as single letters. */
function composed(jamo: string): string {
  const syllable = jamo.normalize('NFC');
  if (/^[가-힣]$/.test(syllable)) return syllable;
  return Array.from(jamo, (one) => COMPATIBLE.get(one) ?? '').join('');
}

const COMPATIBLE: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 0x318f - 0x3131 }, (_, i) => String.fromCharCode(0x3131 + i)).map((letter) => [
    letter.normalize('NFKD'),
    letter,
  ]),
);

function foldOne(char: string): string {
  const code = char.codePointAt(0)!;
  if (code >= 0x20 && code < 0x7f && char !== '`') return char;
  if (code >= 0xac00 && code <= 0xd7a3) return char;
  if (char === '\t' || /\p{Zs}/u.test(char)) return ' ';
  if (LINE_BREAK.test(char)) return '\n';
  const folded = FOLDS.get(char);
  if (folded !== undefined) return folded;
  if (KEPT.test(char)) return char;
  if (DROPPED.test(char)) return '';
  if (code >= 0xf900 && code <= 0xfaff) return char.normalize('NFC');
  const plain = char.normalize('NFKC').replaceAll('⁄', '/').replaceAll('∕', '/').replaceAll('µ', 'μ');
  return /^[\x20-\x7e°μΩ]+$/.test(plain) ? plain : withoutAccent(char);
}

/** `é` as `e`. */
function withoutAccent(char: string): string {
  const plain = char.normalize('NFKD').replace(/\p{M}/gu, '');
  return /^[A-Za-z]+$/.test(plain) ? plain : char;
}
