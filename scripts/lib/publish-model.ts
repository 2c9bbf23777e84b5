/**
 * Publishes a packed folder to a bucket, and rolls back to an earlier manifest.
 *
 * The order makes it safe: files, then the copy of the manifest, then the index, then `manifest.json`. After an interruption the old
 * manifest is still current, and at worst files that nothing names. Nothing is ever deleted.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../src/base/sha256.ts';
import type { FileRef } from '../../src/shards/manifest.ts';
import { formatBytes } from '../pack/format.ts';
import { type Bucket, CURRENT, IMMUTABLE, keys } from './bucket.ts';
import { inParallel } from './in-parallel.ts';
import { filesOf, type VerifyReport, verifyManifest, verifyModel } from './verify-model.ts';

const indexSchema = z.object({
  manifests: z.array(
    z.object({
      sha256: z.string(),
      version: z.string(),
      /** ISO 8601. */
      published: z.string(),
      /** Objects that the manifest names, all present when this entry was written. */
      files: z.array(z.string()),
    }),
  ),
});

/** `manifests/index.json`: every manifest that was published, oldest first. */
export type PublishedIndex = z.infer<typeof indexSchema>;
/** One manifest that was published. */
export type PublishedManifest = PublishedIndex['manifests'][number];

/** Report of a publication. */
export interface PublishReport {
  readonly model: string;
  readonly version: string;
  /** SHA-256 of the current manifest. */
  readonly manifest: string;
  /** Files of the model that were uploaded. */
  readonly uploaded: number;
  readonly uploadedBytes: number;
  /** Files of the model that were already there. */
  readonly skipped: number;
  /** Whether `manifest.json` was replaced. */
  readonly manifestChanged: boolean;
}

/** How to publish. */
export interface PublishOptions {
  /** Upload every file, also those that are there already. */
  readonly force?: boolean;
  /** Uploads at a time; 4 when not given. */
  readonly parallel?: number;
  readonly onProgress?: (line: string) => void;
}

/**
 * Uploads the files of a packed model that a bucket does not have, then makes its manifest current.
 * @throws when the folder does not verify, or a transfer fails; the old manifest is then still current.
 */
export async function publishModel(
  bucket: Bucket,
  folder: string,
  options: PublishOptions = {},
): Promise<PublishReport> {
  const { force = false, parallel = 4, onProgress = () => {} } = options;
  const manifestPath = join(folder, 'manifest.json');
  const report = await verifyModel(readFolder(folder));
  const manifest = mustBeSound(report, folder);
  const model = manifest.name;
  const manifestBytes = new Uint8Array(await readFile(manifestPath));
  const sha256 = await sha256Hex(manifestBytes);

  const index = await readIndex(bucket, model);
  const files = filesOf(manifest);
  const missing = force ? files : await findMissing(bucket, model, files, index);
  let done = 0;
  await inParallel(missing, parallel, async ({ file, bytes }) => {
    const path = join(folder, file);
    await bucket.put(keys.file(model, file), { data: await readFile(path), path }, IMMUTABLE);
    onProgress(`[${++done}/${missing.length}] ${keys.file(model, file)} ${formatBytes(bytes)}`);
  });

  const body = { data: manifestBytes, path: manifestPath };
  if (!index.manifests.some((entry) => entry.sha256 === sha256)) {
    const published = new Date().toISOString();
    const entry = { sha256, version: manifest.version, published, files: files.map(({ file }) => file) };
    await bucket.put(keys.kept(model, sha256), body, IMMUTABLE_JSON);
    await bucket.put(
      keys.index(model),
      { data: toJson({ manifests: [...index.manifests, entry] }) },
      CURRENT,
    );
  }
  const inForce = await bucket.get(keys.manifest(model));
  const manifestChanged = !inForce || Buffer.compare(inForce, manifestBytes) !== 0;
  if (manifestChanged) {
    await bucket.put(keys.manifest(model), body, CURRENT);
    onProgress(`${keys.manifest(model)}: ${model} ${manifest.version} is now active`);
  }
  return {
    model,
    version: manifest.version,
    manifest: sha256,
    uploaded: missing.length,
    uploadedBytes: missing.reduce((sum, { bytes }) => sum + bytes, 0),
    skipped: files.length - missing.length,
    manifestChanged,
  };
}

/**
 * Makes an earlier manifest current again, after all of its files were fetched and verified.
 * @param wanted a version, or the first 6 or more digits of a manifest's SHA-256.
 * @throws when there is none or more than one such manifest, or one of its files is missing or damaged.
 */
export async function rollBack(
  bucket: Bucket,
  model: string,
  wanted: string,
  onProgress: (line: string) => void = () => {},
): Promise<PublishedManifest> {
  const entry = choose(await readIndex(bucket, model), model, wanted);
  const bytes = await bucket.get(keys.kept(model, entry.sha256));
  if (!bytes) throw new Error(`${keys.kept(model, entry.sha256)} is missing from ${bucket.name}`);
  if ((await sha256Hex(bytes)) !== entry.sha256)
    throw new Error(`${keys.kept(model, entry.sha256)} is damaged`);
  onProgress(`checking the ${entry.files.length} files of ${model} ${entry.version}`);
  mustBeSound(await verifyManifest(bytes, (file) => bucket.get(keys.file(model, file))), bucket.name);
  await bucket.put(keys.manifest(model), { data: bytes }, CURRENT);
  onProgress(`${keys.manifest(model)}: ${model} ${entry.version} is now active`);
  return entry;
}

/** Published manifests, oldest first, and which of them is current. */
export async function listPublished(
  bucket: Bucket,
  model: string,
): Promise<readonly (PublishedManifest & { readonly inForce: boolean })[]> {
  const { manifests } = await readIndex(bucket, model);
  const current = await bucket.get(keys.manifest(model));
  const sha256 = current && (await sha256Hex(current));
  return manifests.map((entry) => ({ ...entry, inForce: entry.sha256 === sha256 }));
}

/** A reader of a packed model's folder, for {@link verifyModel}. */
export function readFolder(folder: string): (file: string) => Promise<Uint8Array | null> {
  return async (file) => {
    try {
      return await readFile(join(folder, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
}

const IMMUTABLE_JSON = { ...IMMUTABLE, contentType: CURRENT.contentType };

async function findMissing(
  bucket: Bucket,
  model: string,
  files: readonly FileRef[],
  index: PublishedIndex,
): Promise<FileRef[]> {
  const listed = new Set(index.manifests.flatMap((entry) => entry.files));
  const there = await inParallel(files, 16, async ({ file, bytes }) =>
    bucket.has ? await bucket.has(keys.file(model, file), bytes) : listed.has(file),
  );
  return files.filter((_, i) => !there[i]);
}

async function readIndex(bucket: Bucket, model: string): Promise<PublishedIndex> {
  const bytes = await bucket.get(keys.index(model));
  if (!bytes) return { manifests: [] };
  try {
    return indexSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new Error(`${keys.index(model)} in ${bucket.name} is not an index of manifests`);
  }
}

function choose({ manifests }: PublishedIndex, model: string, wanted: string): PublishedManifest {
  const byHash = /^[0-9a-f]{6,64}$/.test(wanted)
    ? manifests.filter(({ sha256 }) => sha256.startsWith(wanted))
    : [];
  const found = byHash.length ? byHash : manifests.filter(({ version }) => version === wanted);
  if (found.length === 1) return found[0];
  const list = (found.length ? found : manifests).map(
    ({ sha256, version }) => `  ${sha256.slice(0, 12)}  ${version}`,
  );
  const what = found.length ? 'more than one published manifest is' : 'no published manifest is';
  throw new Error(`${model}: ${what} "${wanted}"; there are:\n${list.join('\n') || '  none'}`);
}

function mustBeSound({ manifest, problems }: VerifyReport, where: string) {
  if (manifest && problems.length === 0) return manifest;
  const list = problems.map(({ file, problem }) => `  ${file} ${problem}`);
  throw new Error(`the model in ${where} is not valid:\n${list.join('\n')}`);
}

function toJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
