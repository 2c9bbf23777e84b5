import { randomUUID } from 'node:crypto';
import { cp, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MANIFEST_FILE, ModelFault, type ModelManifest, parseModelManifest } from './manifest.ts';

/** A model of a models directory. */
export interface InstalledModel {
  readonly manifest: ModelManifest;
  /** Folder of its files. */
  readonly folder: string;
}

/** A folder of a models directory that can't be read. */
export interface BrokenModel {
  readonly id: string;
  readonly folder: string;
  readonly reason: string;
}

/** A model in a models directory. */
export interface ModelListing {
  readonly models: readonly InstalledModel[];
  readonly broken: readonly BrokenModel[];
}

/** Prefix of incomplete folders, which are ignored. */
const PARTIAL = '.partial-';

/**
 * A directory with a folder for each model, named by its id, with the model's files and `model.json`.
 *
 * @example
 * ```ts
 * const store = new ModelStore('.sori/models');
 * const { models } = await store.list();
 * ```
 */
export class ModelStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Reads the manifests, in the order of their ids. A missing directory counts as empty. */
  async list(): Promise<ModelListing> {
    const entries = await readdir(this.directory, { withFileTypes: true }).catch((error) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    });
    const models: InstalledModel[] = [];
    const broken: BrokenModel[] = [];
    const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const folder = join(this.directory, name);
      try {
        const manifest = await readManifest(folder);
        if (manifest.id !== name)
          throw new ModelFault(
            `${MANIFEST_FILE} has the id ${manifest.id}; the folder must have the same name`,
          );
        models.push({ manifest, folder });
      } catch (error) {
        broken.push({ id: name, folder, reason: (error as Error).message });
      }
    }
    return { models, broken };
  }

  /**
   * Finds a model.
   * @throws {ModelFault} for one that is there and can't be read.
   */
  async find(id: string): Promise<InstalledModel | undefined> {
    const { models, broken } = await this.list();
    const fault = broken.find((one) => one.id === id);
    if (fault) throw new ModelFault(`${id}: ${fault.reason}`);
    return models.find(({ manifest }) => manifest.id === id);
  }

  /**
   * Copies a model's files into the directory. The model is not visible before `check` has passed; after a failure nothing remains.
   * @param check is called with the copy; its errors refuse the model. It may return a manifest that replaces the given one.
   * @param replace whether a model of the same id is replaced.
   * @param temporary is the source deleted afterwards, and on the same disk? Then its files get a second name, and are not copied.
   * @throws {ModelFault} for an id that is taken; what `check` throws.
   */
  async add(
    manifest: ModelManifest,
    source: string,
    check: (copy: InstalledModel) => Promise<ModelManifest>,
    {
      replace = false,
      temporary = false,
      signal,
    }: { replace?: boolean; temporary?: boolean; signal?: AbortSignal } = {},
  ): Promise<InstalledModel> {
    const folder = join(this.directory, manifest.id);
    const taken = await stat(folder).catch(() => undefined);
    if (taken && !replace) {
      throw new ModelFault(`Model ${manifest.id} is already installed; use --replace to replace it`);
    }
    const copy = join(this.directory, `${PARTIAL}${randomUUID()}`);
    try {
      for (const { path } of manifest.files) {
        signal?.throwIfAborted();
        await mkdir(dirname(join(copy, path)), { recursive: true });
        const put = temporary ? link : cp;
        await put(join(source, path), join(copy, path)).catch((cause) => {
          if (cause.code !== 'ENOENT') throw cause;
          throw new ModelFault(`${path} is missing`, { cause });
        });
      }
      const stored = await check({ manifest, folder: copy });
      signal?.throwIfAborted();
      await writeFile(join(copy, MANIFEST_FILE), `${JSON.stringify(stored, null, 2)}\n`);
      const old = join(this.directory, `${PARTIAL}${randomUUID()}`);
      if (taken) await rename(folder, old);
      await rename(copy, folder);
      await rm(old, { recursive: true, force: true });
      return { manifest: stored, folder };
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }

  /**
   * Removes a model and its files.
   * @returns whether there was one.
   */
  async remove(id: string): Promise<boolean> {
    const entries = await readdir(this.directory).catch((): string[] => []);
    if (!entries.includes(id) || id.startsWith('.')) return false;
    // By another name first: a process that lists the directory meanwhile finds the complete model or none.
    const away = join(this.directory, `${PARTIAL}${randomUUID()}`);
    await rename(join(this.directory, id), away);
    await rm(away, { recursive: true, force: true });
    return true;
  }
}

/**
 * Reads a folder's `model.json`.
 * @throws {ModelFault} when it is missing or does not fit.
 */
export async function readManifest(folder: string): Promise<ModelManifest> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_FILE), 'utf8');
  } catch (cause) {
    throw new ModelFault(`${MANIFEST_FILE} is missing`, { cause });
  }
  return parseModelManifest(text);
}
