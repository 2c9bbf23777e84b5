import type { ReadOptions, ShardSource } from '../../src/shards/source.ts';

/** A source in memory that counts reads. */
export interface MemorySource extends ShardSource {
  readonly files: Map<string, Uint8Array>;
  /** Every read, in order. */
  readonly reads: { readonly key: string; readonly fresh: boolean }[];
}

/** Makes a source of a model's files, put below `model/`. */
export function memorySource(model: string, files: ReadonlyMap<string, Uint8Array>): MemorySource {
  const stored = new Map([...files].map(([file, bytes]) => [`${model}/${file}`, bytes]));
  const reads: { key: string; fresh: boolean }[] = [];
  return {
    name: 'memory',
    files: stored,
    reads,
    async read(key: string, { signal, fresh = false }: ReadOptions = {}) {
      signal?.throwIfAborted();
      reads.push({ key, fresh });
      return stored.get(key) ?? null;
    },
  };
}
