import { SoriError } from '../../base/errors.ts';

/**
 * Finds the word that a field of a form or a query names in any case.
 * @throws {SoriError} `invalid_value` for a word that is not `known`.
 */
export function wordOf<T extends string>(param: string, value: string, known: readonly T[]): T {
  const plain = value.trim().toLowerCase();
  const found = known.find((word) => word.toLowerCase() === plain);
  if (found !== undefined) return found;
  throw new SoriError('invalid_value', `${param} must be one of: ${known.join(', ')}.`, { param });
}

/**
 * Reads a switch of a form or a query: `true` or `false` in any case. Nothing is `false`.
 * @throws {SoriError} `invalid_value`.
 */
export function switchOf(param: string, value: string | undefined): boolean {
  return wordOf(param, value || 'false', ['true', 'false']) === 'true';
}
