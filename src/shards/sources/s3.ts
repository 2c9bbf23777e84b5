import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { ShardSource } from '../source.ts';

/**
 * Reads from a bucket of any storage that speaks S3. `fresh` has no effect: these reads are not cached.
 * @param prefix put before every key, as the Worker has it.
 */
export function s3Source(client: S3Client, bucket: string, prefix = 'shards/'): ShardSource {
  return {
    name: `s3:${bucket}/${prefix}`,
    async read(key, { signal } = {}) {
      signal?.throwIfAborted();
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: prefix + key });
        const { Body } = await client.send(command, { abortSignal: signal });
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        signal?.throwIfAborted();
        return bytes;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
  };
}
