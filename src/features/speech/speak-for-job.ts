import type { AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import type { Caller, CharacterQuota } from '../../http/access.ts';
import { logFailure, toSoriError } from '../../http/errors.ts';
import type { AudioMeta } from '../../library/store.ts';
import { payerOf } from '../keys/index.ts';
import { type AddressedSpeech, addressSpeech, bakeSpeech } from './bake.ts';
import type { SpeechDependencies } from './dependencies.ts';
import type { SpeechBody } from './schema.ts';

/** Synthesizes and stores speech on an owner's account. */
export type SpeakForJob = (
  body: SpeechBody,
  formats: readonly AudioFormatId[],
  context: { readonly owner: string; readonly signal: AbortSignal },
) => Promise<{ readonly key: string; readonly meta: AudioMeta }>;

/** Makes and stores speech with a known address, and charges its owner. */
export type MakeForJob = (
  speech: AddressedSpeech,
  formats: readonly AudioFormatId[],
  context: { readonly owner: string; readonly signal: AbortSignal },
) => Promise<{ readonly key: string; readonly meta: AudioMeta }>;

/** Speech of a job. */
export interface JobSpeech {
  readonly key: string;
  readonly meta: AudioMeta;
  readonly cache: 'hit' | 'miss' | 'coalesced';
}

/** The dependencies for work on behalf of an API key. */
export const ofOwner = <D extends SpeechDependencies>(deps: D, owner: string): D => ({ ...deps, owner });

/** Makes speech with this server's engine. */
export function makeHere(deps: SpeechDependencies): MakeForJob {
  return async (speech, formats, { owner, signal }) =>
    await onAccount(deps, owner, (quota) =>
      bakeSpeech(ofOwner(deps, owner), speech, formats, { signal, quota }),
    );
}

/** Resolves bodies of speech requests for a {@link MakeForJob}. */
export function speakWith(deps: SpeechDependencies, make: MakeForJob): SpeakForJob {
  return async (body, formats, context) =>
    await make(await addressSpeech(ofOwner(deps, context.owner), body, context.signal), formats, context);
}

/**
 * Synthesizes speech on an owner's quota: reserves characters before the synthesis and refunds those that were not synthesized. Stored speech
 * costs nothing.
 * @throws {SoriError} `insufficient_quota`; `invalid_api_key` when the key was deleted, revoked or has expired, which ends its jobs.
 */
export async function onAccount(
  { access }: SpeechDependencies,
  owner: string,
  make: (quota: CharacterQuota) => Promise<JobSpeech>,
): Promise<JobSpeech> {
  if (access === 'off')
    return await make({ client: owner, background: true, reserve: async () => {}, refund: () => {} });
  const payer = await payerOf(access, owner, Date.now()).catch((error): Caller => {
    if (!(error instanceof SoriError) || error.code !== 'invalid_api_key') throw error;
    throw new SoriError('invalid_api_key', 'The API key that made this job was revoked or has expired.');
  });
  let characters = 0;
  let month: string | undefined;
  const refunds: Promise<void>[] = [];
  const quota: CharacterQuota = {
    client: owner,
    background: true,
    async reserve(count) {
      month = (await access.reserve(payer, count))?.month;
      characters += count;
    },
    refund(count) {
      characters -= count;
      if (month !== undefined) refunds.push(access.refund(payer, count, month));
    },
  };
  try {
    const made = await make(quota);
    await access
      .record(payer, { characters, cache: made.cache, audioMs: made.meta.samples / 24 })
      .catch(logError);
    return made;
  } finally {
    await Promise.all(refunds).catch(logError);
  }
}

const logError = (error: unknown) => logFailure('job', toSoriError(error));
