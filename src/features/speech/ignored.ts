import type { Warning } from '../../text/warnings.ts';
import { notesOf } from './lenient/notes.ts';
import type { SpeechBody } from './schema.ts';

/** Header that lists parts of a request that have no effect or another one. */
export const IGNORED_HEADER = 'X-Sori-Ignored';

/** Longest value: it is stored beside the audio, where R2 has room for 2 KiB in all. */
const MAX_LENGTH = 700;

/**
 * Writes warnings as a list of RFC 8941: `unknown_voice;line=2;column=5, ignored_element;line=3;column=7`. Of the input field the name is
 * left out; another field is stated as `param`. What goes beyond {@link MAX_LENGTH} is counted by a last `more_warnings;count=3`.
 * @returns `undefined` where there is nothing to warn of.
 */
export function ignoredHeader(warnings: readonly Warning[]): string | undefined {
  const items = warnings.map(({ code, param, position }) => {
    const field = param === 'input' ? '' : `;param="${param.replace(/[^\x20-\x7e]|["\\]/g, '')}"`;
    return `${code}${field}${position ? `;line=${position.line};column=${position.column}` : ''}`;
  });
  if (items.length === 0) return undefined;
  const all = items.join(', ');
  if (all.length <= MAX_LENGTH) return all;
  const kept: string[] = [];
  let length = 0;
  for (const item of items) {
    length += item.length + 2;
    if (length > MAX_LENGTH - 'more_warnings;count=999'.length) break;
    kept.push(item);
  }
  return [...kept, `more_warnings;count=${items.length - kept.length}`].join(', ');
}

/** Warnings about fields that have no effect or another one. */
export function fieldWarnings(body: SpeechBody): readonly Warning[] {
  return notesOf(body).warnings;
}
