import { entityAt } from './entities.ts';

/** Text after cleaning; character `i` of `text` came from `[starts[i], ends[i])` of the original. */
export interface CleanText {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Replacements for letters that Unicode doesn't decompose and for variants of marks: a character, then its replacement (`_` is a space, an
 * empty replacement drops it).
 */
const FOLDS: ReadonlyMap<string, string> = new Map(
  `ßss ẞSS æae ÆAe œoe ŒOe øo ØO đd ĐD ðd ÐD þth ÞTh łl ŁL ıi ħh ĦH ŋng ŊNg ſs ƒf əe ‘' ’' ‚' ‛' ʼ'
ʻ' ′' \`' ´' “" ”" „" ‟" «" »" ‹" ›" ″" 「" 」" 『" 』" 《" 》" ‐- ‑- ‒– ―— ⸺— ⸻— ﹣- －- 。. 、, ،, ؟? ؛;
¡ ¿ ⁄/ ∕/ ․. 【( 】) 〔( 〕) º° µμ ∗* ⋅× ⁓~ ™_ ©_ ®_ ℠_ ℗_ ‽? ⁇? ⁈? ⁉? ‼! \u0149'n KK ÅA ΩΩ`
    .split(/\s/)
    .map((pair) => [pair[0], pair.slice(1).replace('_', ' ')]),
);

/**
 * Digits and fractions that stay as they are, since their plain digits would join neighbouring digits: `1½` is not `11/2`, `5²` not `52`.
 */
const KEPT = /^[¼-¾⅐-⅞↉²³¹⁰⁴-⁹]$/u;
const LINE_BREAK = /^[\n\r\v\f\u0085\u2028\u2029]$/u;
/** Spaces that hold a number's digit groups together. */
const TIGHT_SPACE = /^[\u00a0\u2007\u2009\u202f]$/u;
const DROPPED = /^(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Mn}\p{Me}\p{Co}\p{Cn}]$/u;
const MARK = /\p{M}/gu;

/**
 * Folds text for the tokenizer: ASCII letters and digits where there is an equivalent (accents, ligatures, full width), HTML entities
 * resolved, one kind of quote, space and hyphen, without control characters, bidi marks and lone surrogates. Line breaks become `\n`. Emoji
 * with their joiners and variation selectors, and other scripts, are unchanged.
 * @param input any string, ill-formed ones included.
 */
export function clean(input: string): CleanText {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0; at < input.length; ) {
    const entity = input[at] === '&' ? entityAt(input, at) : undefined;
    const char = entity?.text ?? String.fromCodePoint(input.codePointAt(at)!);
    const end = at + (entity?.length ?? char.length);
    if (char === '\r' && input[end] === '\n') {
      at = end;
      continue;
    }
    const out = char === '·' ? joint(text, input[end]) : fold(char);
    if (
      out === '' &&
      isMark(char) &&
      ends.length > 0 &&
      ends[ends.length - 1] === at &&
      !text.endsWith('\n')
    ) {
      ends[ends.length - 1] = end; // an accent belongs to the letter before it
    }
    for (let i = 0; i < out.length; i++) {
      starts.push(at);
      ends.push(end);
    }
    text += out;
    at = end;
  }
  return { text, starts, ends };
}

/** The dot of `N·m` and `kW·h` joins two symbols. Any other dot separates words. */
function joint(before: string, next: string | undefined): string {
  return /[A-Za-z]$/.test(before.slice(-1)) && next !== undefined && /[A-Za-z]/.test(next) ? '' : ' ';
}

function fold(char: string): string {
  const code = char.codePointAt(0)!;
  if (code >= 0x20 && code < 0x7f && char !== '`') return char;
  if (char === '\t') return ' ';
  if (LINE_BREAK.test(char)) return '\n';
  const folded = FOLDS.get(char);
  if (folded !== undefined) return folded;
  if (KEPT.test(char) || char === '\ufe0f' || char === '\u20e3' || (code >= 0xe0020 && code <= 0xe007f))
    return char;
  if (TIGHT_SPACE.test(char)) return '\u00a0';
  if (DROPPED.test(char)) return '';
  if (/\p{Zs}/u.test(char)) return ' ';
  // Mathematical signs decompose into others: ≠ into =.
  if (code >= 0x2190 && code < 0x2300) return char;
  const plain = char.normalize('NFKD').replace(MARK, '');
  // Hangul and other scripts decompose too, but their pieces are of no use here.
  return /^[\x20-\x7e⁄…°μ]+$/.test(plain) ? plain.replaceAll('⁄', '/').replaceAll('`', "'") : char;
}

function isMark(char: string): boolean {
  return /^\p{M}$/u.test(char);
}
