import { isBritish } from '../language.ts';
import type { Span, SpokenToken } from '../types.ts';
import { tokenize } from './normalize/tokenizer.ts';

/**
 * Converts plain text to spoken words, in American English, or British for `en-GB`: numbers, dates, money, abbreviations, addresses and emoji become words,
 * punctuation becomes pauses.
 *
 * Every token has the span (UTF-16 code units) of the original text that it speaks; spans are in order. The first token is never a pause,
 * and no two pauses are adjacent. A blank line ends the sentence, and so does a line break outside a paragraph. Text in other scripts is
 * left out and reported to `onUnread`. Never throws; time is linear in the length of the text.
 *
 * @param text any string, ill-formed ones included.
 * @param options.language BCP 47 tag; `en-GB` has its own numbers and dates, any other tag gets American English.
 * @param options.onUnread called for every stretch of the text that has no spoken form, in order.
 * @example
 * normalize('Dr. Lee paid $5.').map((token) => token.kind === 'ipa' ? token.ipa : token.text);
 * // ['doctor', 'lee', 'paid', 'five', 'dollars', '.']
 */
export function normalize(
  text: string,
  options: { language?: string; onUnread?: (span: Span) => void } = {},
): SpokenToken[] {
  return tokenize(text, undefined, options.onUnread, isBritish(options.language));
}
