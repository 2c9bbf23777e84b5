import type { Manifest } from '../../src/shards/manifest.ts';
import { parseManifest } from '../../src/shards/parse-manifest.ts';
import type { ShardSource } from '../../src/shards/source.ts';
import { defaultPathOf } from '../../src/shards/stages.ts';
import { dropOthers, freshFile, storedFile } from './stored-files.ts';

/** Files that are fetched at once. */
const PARALLEL = 6;

/** A model's files, by way of the browser's cache. */
export interface ModelFiles {
  readonly manifest: Manifest;
  readonly source: ShardSource;
  /** Bytes of all files that speech may need. */
  readonly bytes: number;
  /** Fetches them, so that speech works without a connection from then on. */
  fetchAll(onBytes: (bytes: number) => void): Promise<void>;
}

/**
 * Reads a model's manifest.
 * @param folder address of the model's files with a slash at its end.
 * @throws {Error} when it cannot be read.
 */
export async function openModelFiles(name: string, folder: string): Promise<ModelFiles> {
  const read = (file: string) => freshFile(`${folder}${file}`);
  const manifest = parseManifest(name, await read('manifest.json'));
  const files = neededFiles(manifest);
  const urls = [...files.keys()].map((file) => `${folder}${file}`);
  return {
    manifest,
    bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0),
    source: {
      name: folder,
      read: (key, { fresh } = {}) => {
        const file = key.slice(key.indexOf('/') + 1);
        return file === 'manifest.json' ? read(file) : storedFile(`${folder}${file}`, () => {}, fresh);
      },
    },
    async fetchAll(onBytes) {
      await dropOthers(folder, new Set([...urls, `${folder}manifest.json`]));
      const waiting = [...urls];
      const fetchNext = async (): Promise<void> => {
        for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
          await storedFile(url, onBytes);
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, fetchNext));
    },
  };
}

/** Names and sizes of the files that speech may need. */
function neededFiles(manifest: Manifest): Map<string, number> {
  // The others are for cloning, which the server does.
  const stages = defaultPathOf(manifest).flatMap((stage) => manifest.stages[stage] ?? []);
  const lexicons = Object.values(manifest.lexicons);
  const refs = [
    ...stages.flatMap(({ graph, shards }) => [graph, ...shards]),
    ...lexicons.flatMap(({ dictionary, fallback }) => (fallback ? [dictionary, fallback] : [dictionary])),
    manifest.knownAnswer,
  ];
  return new Map(refs.map(({ file, bytes }) => [file, bytes]));
}
