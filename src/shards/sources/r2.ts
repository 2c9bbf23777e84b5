import type { ShardSource } from '../source.ts';

/**
 * Reads from an R2 bucket. `fresh` has no effect: R2 is strongly consistent and the binding's reads are not cached.
 * @param prefix put before every key.
 */
export function r2Source(bucket: R2Bucket, prefix = 'shards/'): ShardSource {
  return {
    name: `r2:${prefix}`,
    async read(key, { signal } = {}) {
      signal?.throwIfAborted();
      const object = await bucket.get(prefix + key);
      signal?.throwIfAborted();
      if (!object) return null;
      // In one piece: reading a body chunk by chunk is several times slower in workerd.
      const bytes = new Uint8Array(await object.arrayBuffer());
      signal?.throwIfAborted();
      return bytes;
    },
  };
}
