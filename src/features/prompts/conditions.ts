import { SoriError } from '../../base/errors.ts';
import { weighConditions } from '../../http/conditional.ts';
import type { Guard } from './catalogue/catalogue.ts';

const CONDITIONS = ['if-match', 'if-none-match'] as const;

/**
 * Evaluates `If-Match` and `If-None-Match` of a change (RFC 9110, section 13.1); called before the change and again when it is written.
 * @returns `undefined` without a condition. The guard throws {@link SoriError} `precondition_failed`.
 */
export function guardOf(headers: Headers): Guard | undefined {
  const given = CONDITIONS.filter((name) => headers.has(name));
  if (given.length === 0) return undefined;
  return (current) => {
    for (const name of given) {
      const value = headers.get(name) ?? '';
      if (holds(name, value, current?.etag)) continue;
      const now = current ? `is ${current.etag} now` : 'does not exist';
      const header = name === 'if-match' ? 'If-Match' : 'If-None-Match';
      throw new SoriError('precondition_failed', `The prompt ${now}, which is not what ${header} says.`);
    }
  };
}

function holds(name: (typeof CONDITIONS)[number], value: string, etag: string | undefined): boolean {
  if (etag === undefined) return name === 'if-none-match';
  return weighConditions(new Headers({ [name]: value }), { etag }) === 'proceed';
}
