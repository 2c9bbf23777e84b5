import { readFile } from 'node:fs/promises';
import { containedPath } from '../../base/contained-path.ts';
import type { ShardSource } from '../source.ts';

/**
 * Reads from a folder of models on disk.
 * @param folder holds one folder per model.
 */
export function fsSource(folder: string): ShardSource {
  return {
    name: folder,
    async read(key, { signal } = {}) {
      try {
        return await readFile(containedPath(folder, key), { signal });
      } catch (error) {
        signal?.throwIfAborted();
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}
