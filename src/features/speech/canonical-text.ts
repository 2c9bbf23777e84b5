import { isSsml } from '../../text/markup.ts';

/**
 * The one form of texts that sound alike: NFC; of plain text also one kind of line break, single spaces, no space at a line's ends,
 * at most one empty line. Non-breaking spaces stay, since they hold numbers together. This, and not what the client sent, is spoken
 * where audio is stored: equal keys must give equal bytes.
 */
export function canonicalText(input: string): string {
  const composed = input.normalize('NFC').trim();
  if (isSsml(composed)) return composed;
  return composed
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n');
}
