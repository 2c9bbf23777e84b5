import type { AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import type { Score } from '../../synthesis/singing/score.ts';
import { type AddressedSinging, addressSinging } from './address.ts';
import { scoreOf } from './body.ts';
import type { SingingDependencies } from './dependencies.ts';
import { parseSinging } from './request.ts';
import type { SingingBody } from './schema.ts';

/** Singing that is answered with audio alone: that of jobs and of signed URLs. */
export interface SungJob {
  readonly body: SingingBody;
  readonly score: Score;
  readonly format: AudioFormatId;
}

/**
 * Checks the JSON body of a request that is answered with audio alone.
 * @throws {SoriError} as `parseSinging` and `scoreOf` do; `conflicting_parameters` for fields of other answers.
 */
export function parseSungJob(fields: unknown): SungJob {
  const body = parseSinging(fields);
  const { response_format: format, timestamps, audio_format } = body;
  const param = timestamps ? 'timestamps' : audio_format ? 'audio_format' : undefined;
  if (format === 'json' || param !== undefined) {
    const message =
      'This request returns audio only: json, timestamps and audio_format are for POST /v1/audio/singing.';
    throw new SoriError('conflicting_parameters', message, { param: param ?? 'response_format' });
  }
  return { body, score: scoreOf(body), format };
}

/**
 * Resolves it, with its place in the library.
 * @param onProgress called with the share that is sung here, from 0 to 1.
 * @throws {SoriError} as `addressSinging` does; `not_configured` on a server that does not sing.
 */
export async function addressSungJob(
  deps: SingingDependencies,
  song: SungJob,
  signal: AbortSignal,
  onProgress?: (share: number) => void,
): Promise<AddressedSinging> {
  const { singing } = deps;
  if (!singing) throw new SoriError('not_configured', 'This server does not sing.');
  return await addressSinging(deps, singing, song, signal, onProgress);
}
