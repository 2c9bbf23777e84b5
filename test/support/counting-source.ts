import type { ShardSource } from '../../src/shards/source.ts';

/** A source that records its reads. */
export interface CountingSource extends ShardSource {
  /** Every read, in order. */
  readonly reads: { readonly key: string; readonly fresh: boolean }[];
  /** Reads of one key. */
  count(key: string): number;
}

/** Wraps a source to record its reads. */
export function countingSource(source: ShardSource): CountingSource {
  const reads: { key: string; fresh: boolean }[] = [];
  return {
    name: source.name,
    reads,
    count: (key) => reads.filter((read) => read.key === key).length,
    read(key, options) {
      reads.push({ key, fresh: options?.fresh ?? false });
      return source.read(key, options);
    },
  };
}
