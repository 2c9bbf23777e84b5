import type { Bucket } from './bucket.ts';
import { openLocalBucket } from './local-bucket.ts';
import { openWranglerBucket } from './wrangler-bucket.ts';

/** Opens R2 itself with `remote`, else wrangler's local R2. Dispose of it after use. */
export async function openBucket(options: {
  readonly remote?: boolean;
  readonly bucketName: string;
  readonly persistTo: string;
}): Promise<Bucket & AsyncDisposable> {
  if (!options.remote) return await openLocalBucket(options);
  const bucket = openWranglerBucket({ bucketName: options.bucketName, flags: ['--remote'] });
  return { ...bucket, [Symbol.asyncDispose]: async () => {} };
}
