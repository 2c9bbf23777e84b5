/**
 * Models for tests that run inside workerd.
 *
 * @example
 * ```ts
 * import { env } from 'cloudflare:workers';
 * import { bucketOf, seedModel } from './seed.ts';
 *
 * beforeEach(() => seedModel(bucketOf(env)));                             // a tiny model, under the name sori-2
 * await seedModel(bucketOf(env), { name: 'other', seed: 2 });             // another one with other weights
 * await seedModel(bucketOf(env), { name: 'sori-2', from: 'embedded' });   // the real one of this repository
 * ```
 *
 * The files come from `test/support/models/model-files.ts` over the service binding `MODEL_FILES` (vitest.config.ts).
 */
import { env } from 'cloudflare:workers';
import { type Manifest, manifestSchema } from '../../src/shards/manifest.ts';
import type { RecordingName } from '../support/recordings.ts';

interface TestEnv {
  readonly BUCKET: R2Bucket;
  readonly MODEL_FILES: Fetcher;
}

/** Which model to put into the bucket. */
export interface SeedOptions {
  /** Name to serve it under; `sori-2` when not given. An embedded model has one name only. */
  readonly name?: string;
  /** `tiny` when not given: a few kilobytes that speak noise of a sane length. */
  readonly from?: 'tiny' | 'embedded';
  /** Another seed gives a tiny model other weights; 1 when not given. */
  readonly seed?: number;
}

/** The bucket that the Worker under test reads, typed. */
export function bucketOf(environment: unknown = env): R2Bucket {
  return (environment as TestEnv).BUCKET;
}

/** Reads one file of a model from the repository; `null` where there is none. */
export async function readModelFile(file: string, options: SeedOptions = {}): Promise<Uint8Array | null> {
  const { name = 'sori-2', from = 'tiny', seed = 1 } = options;
  const path = from === 'tiny' ? `tiny/${name}/${seed}` : `embedded/${name}`;
  const response = await (env as unknown as TestEnv).MODEL_FILES.fetch(`http://models/${path}/${file}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.ok ? bytes : null;
}

/** A recording of someone who hums, as ffmpeg encodes it: see test/support/recordings.ts. */
export async function hummedFile(file: RecordingName, hz: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await (env as unknown as TestEnv).MODEL_FILES.fetch(`http://models/hummed/${hz}/${file}`);
  if (!response.ok) throw new Error(`no recording ${file}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Every file that a manifest names. */
export function filesOf(manifest: Manifest) {
  const lexicons = Object.values(manifest.lexicons).flatMap(({ dictionary, fallback }) => [
    dictionary,
    fallback,
  ]);
  const stages = Object.values(manifest.stages).flatMap(({ graph, shards }) => [graph, ...shards]);
  const answers = [manifest.knownAnswer, manifest.batched?.knownAnswer];
  return [...stages, ...lexicons, ...answers].filter((ref) => ref !== undefined);
}

/**
 * Puts a model into a bucket as `shards:publish` would: its files, then its manifest.
 * @throws when there is no such model, as before the first embedded one is packed.
 */
export async function seedModel(bucket: R2Bucket, options: SeedOptions = {}): Promise<Manifest> {
  const { name = 'sori-2' } = options;
  const bytes = await readModelFile('manifest.json', options);
  if (!bytes) throw new Error(`there is no model ${name} to seed`);
  const manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  await Promise.all(
    filesOf(manifest).map(async ({ file }) => {
      const data = await readModelFile(file, options);
      if (!data) throw new Error(`model ${name} lacks ${file}`);
      await bucket.put(`shards/${name}/${file}`, data);
    }),
  );
  await bucket.put(`shards/${name}/manifest.json`, bytes);
  return manifest;
}
