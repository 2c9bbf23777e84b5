import { SoriError } from '../../../base/errors.ts';

/**
 * A refusal of a score.
 * @param place where in the file: `line 12`, `parts[0].notes[3]`, `track 2, byte 118`.
 * @param what what is wrong there and what would be right, without a full stop.
 */
export function badScore(place: string | undefined, what: string, cause?: unknown): SoriError {
  return new SoriError('invalid_score', `${place ? `${place}: ` : ''}${what}.`, { param: 'score', cause });
}

/** A piece of a file as a message shows it. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** What is wrong with a field, of an issue of zod: without its prefixes and operators. */
export function schemaFault({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'invalid_union') return 'it has none of the allowed types';
  return message
    .replace(/^(?:Invalid input|Too big|Too small): /, '')
    .replace(/^expected \w+ to (?:be|have) /, 'expected ')
    .replace('<=', 'at most ')
    .replace('>=', 'at least ')
    .replace('>', 'more than ')
    .replace('received undefined', 'but it is missing')
    .replace(/^\w/, (letter) => letter.toLowerCase())
    .replace(/\.$/, '');
}
