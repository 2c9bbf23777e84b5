import { AUDIO_FORMATS } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import { audioPath, cacheTag } from '../delivery/index.ts';
import type { VoiceDependencies } from './dependencies.ts';
import type { Voices } from './voice-store.ts';

/**
 * Removes a voice and all that is heard of it. Its audio goes first: where that fails, the voice is still there to try again.
 * @param base address that this server is asked at: caches know audio by it.
 * @returns how many keys of audio there were.
 * @throws {SoriError} `storage_unavailable`.
 */
export async function removeVoice(
  { library, edgeCache }: VoiceDependencies,
  voices: Voices,
  id: string,
  owner: string,
  base: string,
): Promise<number> {
  const removed = new Set<string>();
  const remove = async (keys: readonly string[]) => {
    const fresh = keys.filter((key) => !removed.has(key));
    await library?.remove(fresh);
    for (const key of fresh) removed.add(key);
    if (fresh.length === 0 && removed.size > 0) return;
    const urls = fresh.flatMap((key) =>
      AUDIO_FORMATS.map((format) => new URL(audioPath(key, format), base).href),
    );
    try {
      await edgeCache?.purge([cacheTag('voice', id)], urls);
    } catch (cause) {
      const message = 'The cache can not be purged now; try again.';
      throw new SoriError('storage_unavailable', message, { cause });
    }
  };
  await remove(await voices.audioOf(id));
  // What was being made meanwhile finds its voice gone from here on, and removes itself.
  await remove(await voices.delete(id, owner));
  return removed.size;
}
