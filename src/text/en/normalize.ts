import type { Span, SpokenToken } from '../types.ts';
import { tokenize } from './normalize/tokenizer.ts';

/**
 * Turns plain text into what a reader says aloud, in American English: numbers, dates, money, abbreviations,
 * addresses and emoji as words, punctuation as pauses.
 *
 * Every token carries the span (UTF-16 code units) of the original text that it speaks; spans never go backwards.
 * No pause comes first, no two in a row; a blank line, and a line break that is none of a paragraph's, ends the sentence.
 * Text in other scripts is left out, and `onUnread` is told.
 * Never throws; time is linear in the length of the text.
 *
 * @param text any string, ill-formed ones included.
 * @param options.language BCP 47 tag; only English is known so far, and it is what any tag gets.
 * @param options.onUnread told of every stretch of the text that has no spoken form, in order.
 * @example
 * normalize('Dr. Lee paid $5.').map((token) => token.kind === 'ipa' ? token.ipa : token.text);
 * // ['doctor', 'lee', 'paid', 'five', 'dollars', '.']
 */
export function normalize(
  text: string,
  options: { language?: string; onUnread?: (span: Span) => void } = {},
): SpokenToken[] {
  return tokenize(text, undefined, options.onUnread);
}
