import { AUDIO_FORMATS } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import { audioPath, cacheTag } from '../delivery/index.ts';
import type { VoiceDependencies } from './dependencies.ts';
import type { Voices } from './voice-store.ts';

/**
 * Removes a voice and all of its audio. The audio is removed first: if that fails, the voice still exists and the call can be repeated.
 * @param base address of this server, which is part of the cached URLs.
 * @returns the number of removed audio keys.
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
      const message = 'The cache cannot be purged now; try again.';
      throw new SoriError('storage_unavailable', message, { cause });
    }
  };
  await remove(await voices.audioOf(id));
  // Audio that is being made now finds its voice deleted and removes itself.
  await remove(await voices.delete(id, owner));
  return removed.size;
}
