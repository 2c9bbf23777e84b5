import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestDraft } from './driver.ts';
import { DRIVERS, driverOf } from './drivers/index.ts';
import { hashFile, type OnBytes } from './files.ts';
import type { GraphOptions } from './graph.ts';
import { MANIFEST_FILE, ModelFault, type ModelManifest, modelManifestSchema } from './manifest.ts';
import { type InstalledModel, readManifest } from './store.ts';
import { openThread } from './thread.ts';

/** How a model is checked. */
export interface CheckOptions {
  readonly graphs: GraphOptions;
  /** Called with the number of bytes that were read. */
  readonly onBytes?: OnBytes;
  readonly signal?: AbortSignal;
}

/**
 * Checks that a model can be served: every file has the hash of the manifest, the runtime supports every operator, inputs and outputs are
 * as the driver expects, and one run gives a result.
 * @returns the manifest, with the memory that it took.
 * @throws {ModelFault} with the fault in one line.
 */
export async function checkModel(
  { manifest, folder }: InstalledModel,
  { graphs, onBytes, signal }: CheckOptions,
): Promise<ModelManifest> {
  driverOf(manifest);
  const before = process.memoryUsage.rss();
  const thread = await openThread({ manifest, folder, graphs, trial: true, onBytes, signal });
  const grown = process.memoryUsage.rss() - before;
  await thread.close();
  const files = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  // Pages of before that were free again make the process grow by less than the model takes.
  return { ...manifest, memoryBytes: Math.max(files, grown) };
}

/** What can be stated for a folder without a manifest. */
export interface DescribeOptions {
  readonly id?: string;
  readonly licence?: string;
  /** Page from which the folder was downloaded. */
  readonly source?: string;
  /** Driver; needed where the files fit several drivers. */
  readonly driver?: string;
  readonly onBytes?: OnBytes;
  readonly signal?: AbortSignal;
}

/**
 * The manifest of a folder: its `model.json`, or one made by the driver that recognizes its files.
 * @throws {ModelFault} when there is no manifest and no driver recognizes the folder, or the licence is missing.
 */
export async function describeFolder(folder: string, options: DescribeOptions = {}): Promise<ModelManifest> {
  const paths = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new ModelFault(`${folder} cannot be read: ${(cause as Error).message}`, { cause });
  });
  const names = paths
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
  if (names.includes(MANIFEST_FILE)) {
    const manifest = await readManifest(folder);
    return {
      ...manifest,
      id: options.id ?? manifest.id,
      licence: options.licence ?? manifest.licence,
      source: options.source ?? manifest.source,
    };
  }
  const { paths: own, ...about } = recognizeFiles(folder, names, options.driver);
  const licence = options.licence ?? about.licence;
  if (licence === '') throw new ModelFault(`${folder} states no licence; state it with --licence`);
  const files = [];
  for (const path of own) {
    files.push({ path, ...(await hashFile(join(folder, path), options)) });
  }
  return modelManifestSchema.parse({
    schemaVersion: 1,
    created: Math.floor(Date.now() / 1000),
    ...about,
    id: options.id ?? about.id,
    licence,
    source: options.source,
    files,
  });
}

/**
 * The manifest that a driver makes for files without a `model.json`.
 * @param what description of the files, for the message.
 * @param paths sorted.
 * @param driver its name; needed where the files fit several drivers.
 * @throws {ModelFault} when no driver recognizes them.
 */
export function recognizeFiles(what: string, paths: readonly string[], driver?: string): ManifestDraft {
  const wanted = Object.values(DRIVERS).filter(({ name }) => name === (driver ?? name));
  const draft = wanted.map((one) => one.recognize?.(paths)).find((found) => found !== undefined);
  if (draft !== undefined) return draft;
  const kinds = wanted.map(({ name }) => name).join(', ');
  throw new ModelFault(
    `${what} has no ${MANIFEST_FILE}, and its files match none of these drivers: ${kinds}`,
  );
}
