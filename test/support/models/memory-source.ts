import type { ShardSource } from '../../../src/shards/source.ts';

/** A source in memory whose files a test may change. */
export interface MemorySource extends ShardSource {
  readonly files: Map<string, Uint8Array>;
}

/** Makes a source of a model's files, put below `model/`. */
export function memorySource(model: string, files: ReadonlyMap<string, Uint8Array>): MemorySource {
  const stored = new Map([...files].map(([file, bytes]) => [`${model}/${file}`, bytes]));
  return {
    name: 'memory',
    files: stored,
    async read(key, { signal } = {}) {
      signal?.throwIfAborted();
      return stored.get(key) ?? null;
    },
  };
}
