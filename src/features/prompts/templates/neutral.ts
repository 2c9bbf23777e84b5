import { clean } from '../../../text/en/normalize/clean.ts';
import { entityAt } from '../../../text/en/normalize/entities.ts';

/** A character as written, and its meaning. */
export interface Sign {
  readonly written: string;
  readonly char: string;
}

/** White space except within numbers, and characters that XML 1.0 does not allow. */
const UNWRITABLE = /[\p{Cc}\p{Zl}\p{Zp} \u1680\u2000-\u2006\u2008\u200a\u205f\u3000\ufeff\ufffe\uffff]+/gu;
const HALVES = /\p{Cs}/gu;
/** Text that looks like a tag or a comment, and its content. */
const TAG = /<[/!?-]*([a-z][^<>]*?|\s[^<>]*?)[/?-]*>/giu;
/** Characters that the front end removes, so that their neighbours become adjacent. */
const DROPPED = /^[\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Co}\p{Cn}]$/u;

/**
 * A value without anything that plain text marks up with: tags are their words, square brackets round ones (which read the same), and
 * a `<` is a comparison, as it is followed by a space. It is one line.
 */
export function neutralValue(value: string): string {
  return Array.from(withoutEntities(value.replace(HALVES, '')).replace(UNWRITABLE, ' '), plain)
    .join('')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replace(TAG, ' $1 ')
    .replace(/<(?! )/g, '< ')
    .replace(/ {2,}/g, ' ');
}

/**
 * Replaces HTML entities by their characters, because the front end would resolve them after the value is inserted.
 */
function withoutEntities(value: string): string {
  let text = value;
  for (let before = ''; before !== text; ) {
    before = text;
    text = '';
    for (let at = 0; at < before.length; ) {
      const entity = before[at] === '&' ? entityAt(before, at) : undefined;
      text += entity?.text ?? before[at];
      at += entity?.length ?? 1;
    }
  }
  return text;
}

/** The signs `<>[]` in all their shapes are these. */
function plain(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x80) return char;
  const folded = clean(char).text;
  return /[<>[\]]/.test(folded) ? folded : char;
}

/**
 * The template's own text. Spaces separate its tags, links and pronunciations from slots that could continue them.
 * @param options.last nothing follows.
 */
export function partedLiteral(text: string, { last }: { last: boolean }): string {
  return partedSigns(
    Array.from(text, (char) => ({ written: char, char })),
    last,
  );
}

/** As {@link partedLiteral}, of text with references. */
export function partedSigns(signs: readonly Sign[], last: boolean): string {
  const chars = signs.map(({ char }) => plain(char));
  return signs.map(({ written }, i) => (opens(chars, i, last) ? `${written} ` : written)).join('');
}

/** Whether markup that begins or continues at this sign could continue into the following text. */
function opens(chars: readonly string[], at: number, last: boolean): boolean {
  if (chars[at] === '<') return !last && !closes(chars, at + 1, '>', '<');
  if (chars[at] !== ']') return false;
  let next = at + 1;
  while (next < chars.length && DROPPED.test(chars[next])) next++;
  if (next === chars.length) return !last;
  if (chars[next] !== '(') return false;
  const opened = chars.lastIndexOf('[', at);
  const whole = opened >= 0 && !chars.slice(opened, at).includes(']') && closes(chars, next + 1, ')', '(');
  return !whole;
}

/** Whether `end` comes before `other`. */
function closes(chars: readonly string[], from: number, end: string, other: string): boolean {
  for (let at = from; at < chars.length; at++) {
    if (chars[at] === end) return true;
    if (chars[at] === other) return false;
  }
  return false;
}
