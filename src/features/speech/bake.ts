import type { AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import type { CharacterQuota } from '../../http/access.ts';
import { StalledFlight } from '../../library/flights.ts';
import type { AudioLibrary } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import type { AddressedSpeech } from './address.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { startSpeech } from './make-speech.ts';

export { type AddressedSpeech, addressSpeech } from './address.ts';

/** Stored speech. */
export interface BakedSpeech {
  readonly key: string;
  readonly meta: AudioMeta;
  readonly cache: 'hit' | 'miss' | 'coalesced';
}

/** Options of {@link bakeSpeech}. */
export interface BakeOptions {
  readonly signal: AbortSignal;
  readonly quota: CharacterQuota;
  readonly keepAlive?: (work: Promise<unknown>) => void;
}

/** @throws {SoriError} `not_configured` on a server without a library. */
export function requireLibrary({ library }: SpeechDependencies): AudioLibrary {
  if (library) return library;
  throw new SoriError(
    'not_configured',
    'This server stores no audio: its operator has configured no bucket.',
  );
}

/**
 * Makes sure that a master and its formats are stored: finds them, joins their synthesis, or starts it.
 * @throws {SoriError} `not_configured`, `storage_unavailable`, `overloaded`, and what the engine and the quota throw.
 */
export async function bakeSpeech(
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  formats: readonly AudioFormatId[],
  { signal, quota, keepAlive = () => {} }: BakeOptions,
): Promise<BakedSpeech> {
  const library = requireLibrary(deps);
  const { key } = speech;
  const stored = await library.head(key, 'wav');
  const { meta, cache } = stored
    ? { meta: stored.meta, cache: 'hit' as const }
    : await makeOrJoin(library, key, signal, () =>
        startSpeech(deps, library, speech, { formats, quota, keepAlive }),
      );
  // The request that made it may have stored other formats.
  if (cache !== 'miss') for (const format of formats) await library.head(key, format);
  return { key, meta, cache };
}

/**
 * Joins the synthesis of a key, or starts it.
 * @throws any error of the synthesis; the signal's reason.
 */
export async function makeOrJoin(
  library: AudioLibrary,
  key: string,
  signal: AbortSignal,
  start: () => ReturnType<typeof startSpeech>,
): Promise<{ meta: AudioMeta; cache: 'miss' | 'coalesced' }> {
  for (;;) {
    const flight = library.flights.find(key);
    if (!flight) return { meta: await start().whole(signal, true), cache: 'miss' };
    try {
      return { meta: await flight.whole(signal), cache: 'coalesced' };
    } catch (error) {
      if (!isOfAnother(error)) throw error;
    }
  }
}

/** Whether a flight failed for a reason of the request that started it, its disconnect or its quota, which must not fail others. */
export function isOfAnother(error: unknown): boolean {
  return (
    error instanceof StalledFlight || (error instanceof SoriError && error.code === 'insufficient_quota')
  );
}
