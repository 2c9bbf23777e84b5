import { z } from 'zod';
import { SoriError } from '../../../base/errors.ts';
import type { SpeechDependencies } from '../dependencies.ts';

const clonesSchema = z.record(z.string(), z.string().startsWith('sty_'));

/**
 * Takes the cloned voices out of a body that an edge has sent: its field `clones` has the style id of each voice by the id of the voice. Only an
 * origin that answers nobody but its edges takes it; elsewhere it is an unknown field.
 * @throws {SoriError} `invalid_value`.
 */
export function takeSentClones(
  { originGuard }: Pick<SpeechDependencies, 'originGuard'>,
  given: unknown,
): { readonly given: unknown; readonly sentClones?: Readonly<Record<string, string>> } {
  if (originGuard === undefined || typeof given !== 'object' || given === null || !('clones' in given))
    return { given };
  const { clones, ...body } = given;
  const { data } = clonesSchema.safeParse(clones);
  if (data !== undefined) return { given: body, sentClones: data };
  const message = 'clones must be an object of ids of cloned voices and their style ids (sty_…).';
  throw new SoriError('invalid_value', message, { param: 'clones' });
}
