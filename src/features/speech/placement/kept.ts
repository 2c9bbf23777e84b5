import type { AudioFormatId } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import type { AudioLibrary, OpenAudio } from '../../../library/library.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import type { AddressedSpeech } from '../address.ts';

/** Audio that an origin made and that is stored here. */
export interface KeptElsewhere {
  /** The origin's key. */
  readonly key: string;
  readonly audio: OpenAudio;
}

/**
 * The keys under which origins store speech. Their arithmetic differs, and so do their samples. Never store speech of this server under
 * such a key.
 * @param needed waits for the editions of origins that are not known yet.
 */
export async function originKeys(
  pool: OriginPool,
  speech: AddressedSpeech,
  needed = false,
): Promise<string[]> {
  const editions = await pool.editions(speech.model.id, needed);
  return await Promise.all(editions.map((edition) => speech.keyUnder(edition)));
}

/** Whether it is in the library under its own key, or being made. A failing storage counts as a miss. */
export async function isKept(library: AudioLibrary, key: string, format: AudioFormatId): Promise<boolean> {
  if (library.flights.find(key)) return true;
  return (await unlessAway(() => library.head(key, format))) !== null;
}

/** Looks in the library under the keys of origins. */
export async function openKept(
  library: AudioLibrary,
  keys: readonly string[],
  format: AudioFormatId,
): Promise<KeptElsewhere | undefined> {
  for (const key of keys) {
    const audio = await unlessAway(() => library.open(key, format));
    if (audio !== null) return { key, audio };
  }
  return undefined;
}

async function unlessAway<T>(look: () => Promise<T | null>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof SoriError && error.code === 'storage_unavailable') return null;
    throw error;
  }
}
