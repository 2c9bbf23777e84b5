import { isSsml } from '../../text/markup.ts';

/**
 * Normalizes texts that are spoken alike: NFC; in plain text also one kind of line break, single spaces, no space at a line's ends,
 * and at most one empty line. Non-breaking spaces stay, because they keep numbers together. This text is spoken instead of the client's
 * where audio is stored, because equal keys must give equal bytes.
 */
export function canonicalText(input: string): string {
  const composed = input.normalize('NFC');
  // Warnings state line and column, which space in front belongs to.
  if (isSsml(composed)) return composed.trimEnd();
  return composed
    .trim()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n');
}
