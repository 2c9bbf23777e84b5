/** An object store as the publishing tools see it, and where a model's objects lie in it. */

/** Headers that are stored with an object. */
export interface ObjectMetadata {
  readonly contentType: string;
  readonly cacheControl: string;
}

/** Data to store: bytes, and the file that contains them if there is one. */
export interface ObjectBody {
  readonly data: Uint8Array;
  readonly path?: string;
}

/** An object store. Drivers: `local-bucket.ts` (wrangler's local R2), `wrangler-bucket.ts` (the wrangler command). */
export interface Bucket {
  /** For messages. */
  readonly name: string;
  /** The object's bytes, or `null` when there is none. */
  get(key: string): Promise<Uint8Array | null>;
  put(key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<void>;
  /** Whether there is an object of this length. Left out by drivers that would have to fetch it. */
  has?(key: string, bytes: number): Promise<boolean>;
}

/** Where a model's objects lie. */
export const keys = {
  /** A shard, graph or lexicon, by its file name. */
  file: (model: string, file: string) => `shards/${model}/${file}`,
  /** The manifest in force. */
  manifest: (model: string) => `shards/${model}/manifest.json`,
  /** A manifest that was current once. */
  kept: (model: string, sha256: string) => `shards/${model}/manifests/${sha256}.json`,
  /** The list of manifests that were published. */
  index: (model: string) => `shards/${model}/manifests/index.json`,
} as const;

/** Content-addressed objects never change. */
export const IMMUTABLE: ObjectMetadata = {
  contentType: 'application/octet-stream',
  cacheControl: 'public, max-age=31536000, immutable',
};

/** Manifests and their index are revalidated each time. */
export const CURRENT: ObjectMetadata = { contentType: 'application/json', cacheControl: 'no-cache' };
