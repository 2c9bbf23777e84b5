/** wrangler's local R2, opened in this process: quicker than a wrangler command per object. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Bucket } from './bucket.ts';
import { type PublishReport, publishModel } from './publish-model.ts';

/** Default folder of wrangler's local state. */
export const DEFAULT_PERSIST = '.wrangler/state';
const CONFIG = resolve(import.meta.dirname, '../../wrangler.toml');

/** The bucket of `wrangler.toml`: "sori" unless the operator has chosen another name. */
export const DEFAULT_BUCKET = bucketOf(readFileSync(CONFIG, 'utf8'));

/** @throws {Error} when a configuration names no bucket. */
export function bucketOf(config: string): string {
  // wrangler can read the file too, but takes longer to load than these tools take to run.
  const [, name] = /^bucket_name\s*=\s*"([^"]+)"/m.exec(config) ?? [];
  if (!name) throw new Error('wrangler.toml names no bucket.');
  return name;
}

/** A local bucket. It holds a workerd process until disposed of. */
export interface LocalBucket extends Bucket, AsyncDisposable {}

/** Options of a local bucket. */
export interface LocalBucketOptions {
  /** The folder of wrangler's `--persist-to`; {@link DEFAULT_PERSIST} by default. */
  readonly persistTo?: string;
  /** {@link DEFAULT_BUCKET} when not given. */
  readonly bucketName?: string;
}

/** Opens a local bucket, the same that `wrangler dev` and `wrangler r2 object --local` use. */
export async function openLocalBucket(options: LocalBucketOptions = {}): Promise<LocalBucket> {
  const { persistTo = DEFAULT_PERSIST, bucketName = DEFAULT_BUCKET } = options;
  // Loaded here, because it takes longer than all that a tool without a bucket does.
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare');
  const miniflare = new Miniflare(
    // wrangler builds its options with the same function, so the storage layout is the same.
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {};',
      resourcePersistencePath: resolve(persistTo, 'v3'),
      r2Buckets: { BUCKET: bucketName },
    }),
  );
  const bucket = await miniflare.getR2Bucket('BUCKET');
  return {
    name: `local R2 bucket ${bucketName}`,
    get: async (key) => {
      const object = await bucket.get(key);
      return object && new Uint8Array(await object.arrayBuffer());
    },
    put: async (key, { data }, httpMetadata) => {
      await bucket.put(key, data, { httpMetadata });
    },
    has: async (key, bytes) => (await bucket.head(key))?.size === bytes,
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}

/**
 * Puts a packed model into the local bucket: only files that are missing, a changed manifest last.
 * @param options.folder packed model, `shards/sori-2`.
 * @param options.replace writes every file again, whether or not one of its length is there.
 * @throws when the folder does not verify.
 */
export async function seedLocalBucket(
  options: LocalBucketOptions & {
    readonly folder: string;
    readonly replace?: boolean;
    readonly onProgress?: (line: string) => void;
  },
): Promise<PublishReport> {
  await using bucket = await openLocalBucket(options);
  const target = options.replace ? { ...bucket, has: async () => false } : bucket;
  return await publishModel(target, options.folder, { onProgress: options.onProgress });
}
