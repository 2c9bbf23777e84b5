import { mkdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { recognizeFiles } from '../../../../src/models/check.ts';
import type { OnBytes } from '../../../../src/models/files.ts';
import { isModelPath, MANIFEST_FILE, parseModelManifest } from '../../../../src/models/manifest.ts';
import { CommandError } from '../../failures.ts';
import { mebibytes } from '../common.ts';
import { downloadFile, partialPath } from './download-file.ts';
import type { Hub, HubFile, HubRepository } from './hub.ts';
import type { HubId } from './hub-id.ts';

/** How a model is downloaded. */
export interface DownloadModelOptions {
  readonly hub: Hub;
  /** Models directory. The download has a hidden folder in it until the model is added. */
  readonly directory: string;
  /** Driver; needed where the files fit several drivers. */
  readonly driver?: string;
  /** Bytes of all files at most. */
  readonly maxBytes: number;
  /** Runs the download of the files, and shows how far it is. */
  readonly transfer: (plan: DownloadPlan, work: (onBytes: OnBytes) => Promise<void>) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What will be downloaded. */
export interface DownloadPlan {
  readonly repository: HubRepository;
  readonly files: readonly HubFile[];
  readonly bytes: number;
}

/** A downloaded model. */
export interface DownloadedModel {
  /** Folder of its files. */
  readonly folder: string;
  readonly repository: HubRepository;
  /** The licence that the hub states, where the model's own `model.json` states none. */
  readonly licence?: string;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

/**
 * Downloads the files that belong to a model: those that its `model.json` lists, or those that a driver recognizes.
 * @throws {CommandError} when the hub refuses, or the files are larger than allowed or than the free space; {@link ModelFault} when no
 *   driver supports the files.
 */
export async function downloadModel(id: HubId, options: DownloadModelOptions): Promise<DownloadedModel> {
  const { hub, directory, maxBytes, transfer, signal } = options;
  const repository = await hub.describe(id);
  const folder = join(directory, `.download-${id.repository.replace('/', '--')}-${repository.commit}`);
  const download = (file: HubFile, onBytes: OnBytes) =>
    downloadFile(file, { hub, repository, folder, onBytes, signal });

  const described = repository.files.find(({ path }) => path === MANIFEST_FILE);
  if (described !== undefined) {
    checkSize(repository, [described], maxBytes);
    await download(described, () => {});
  }
  const files = await chooseFiles(repository, folder, options.driver);
  const bytes = checkSize(repository, files, maxBytes);
  await checkRoom(directory, await missingBytes(folder, files));
  await transfer({ repository, files, bytes }, async (onBytes) => {
    for (const file of files) await download(file, onBytes);
  });
  return {
    folder,
    repository,
    licence: described === undefined ? repository.licence : undefined,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function chooseFiles(
  { id, files }: HubRepository,
  folder: string,
  driver: string | undefined,
): Promise<HubFile[]> {
  // A name that model.json could not list may lead out of the folder.
  const usable = files.filter(({ path }) => isModelPath(path));
  const wanted = usable.some(({ path }) => path === MANIFEST_FILE)
    ? parseModelManifest(await readFile(join(folder, MANIFEST_FILE), 'utf8')).files.map(({ path }) => path)
    : recognizeFiles(id, usable.map(({ path }) => path).sort(), driver).paths;
  return wanted.map((path) => {
    const file = usable.find((one) => one.path === path);
    if (file === undefined) throw new CommandError(`${id} has no ${path}, which its ${MANIFEST_FILE} lists`);
    if (file.sha256 === undefined && file.gitSha1 === undefined) {
      throw new CommandError(`The hub states no hash of ${path}, so it can't be checked`);
    }
    return file;
  });
}

function checkSize({ id }: HubRepository, files: readonly HubFile[], maxBytes: number): number {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > maxBytes) {
    throw new CommandError(`${id} has ${mebibytes(bytes)}, and --max-size allows ${mebibytes(maxBytes)}`);
  }
  return bytes;
}

/** Bytes that an earlier run has not downloaded. */
async function missingBytes(folder: string, files: readonly HubFile[]): Promise<number> {
  const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size ?? 0;
  let missing = 0;
  for (const { path, bytes } of files) {
    const there = join(folder, path);
    missing += bytes - Math.min(bytes, (await sizeOf(there)) || (await sizeOf(partialPath(there))));
  }
  return missing;
}

async function checkRoom(directory: string, bytes: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (bytes > free) {
    throw new CommandError(
      `The disk is full: the download takes ${mebibytes(bytes)}, and ${directory} has room for ${mebibytes(free)}`,
    );
  }
}
