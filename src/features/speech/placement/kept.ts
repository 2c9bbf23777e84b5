import type { AudioFormatId } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import type { AudioLibrary, OpenAudio } from '../../../library/library.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import type { AddressedSpeech } from '../address.ts';

/** Audio that an origin has made, and that is here. */
export interface KeptElsewhere {
  /** The key that the origin gave it. */
  readonly key: string;
  readonly audio: OpenAudio;
}

/**
 * The keys under which origins keep speech: their arithmetic is another, and so are their samples. Nothing of it is to be made here under
 * such a key.
 * @param needed waits for origins to say which are theirs, when they have not said it yet.
 */
export async function originKeys(
  pool: OriginPool,
  speech: AddressedSpeech,
  needed = false,
): Promise<string[]> {
  const editions = await pool.editions(speech.model.id, needed);
  return await Promise.all(editions.map((edition) => speech.keyUnder(edition)));
}

/** Is it in the library under its own key, or about to be? A storage that fails is as good as none. */
export async function isKept(library: AudioLibrary, key: string, format: AudioFormatId): Promise<boolean> {
  if (library.flights.find(key)) return true;
  return (await unlessAway(() => library.head(key, format))) !== null;
}

/** Looks under the keys of origins. */
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
