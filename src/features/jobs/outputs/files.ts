import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { containedPath } from '../../../base/contained-path.ts';
import type { JobOutputs, OutputBytes } from './outputs.ts';

/** Prefix of temporary files. */
const UNFINISHED = '~';

/** Stores files in a folder, which is created on first use, with a subfolder per job. */
export function fileOutputs(folder: string): JobOutputs {
  const has = async (job: string, name: string) =>
    await access(containedPath(folder, job, name)).then(
      () => true,
      () => false,
    );
  return {
    has,
    async put(job, name, bytes) {
      await mkdir(containedPath(folder, job), { recursive: true });
      const draft = containedPath(folder, job, `${UNFINISHED}${name}.${randomUUID()}`);
      try {
        await write(draft, bytes);
        await rename(draft, containedPath(folder, job, name));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async get(job, name) {
      if (!(await has(job, name))) return null;
      return Readable.toWeb(
        createReadStream(containedPath(folder, job, name)),
      ) as unknown as ReadableStream<Uint8Array>;
    },
    async remove(job, prefix = '') {
      const names = await readdir(containedPath(folder, job)).catch(() => []);
      for (const name of names) {
        // A process that ended while writing has left a temporary file.
        if (!name.replace(UNFINISHED, '').startsWith(prefix)) continue;
        await rm(containedPath(folder, job, name), { force: true });
      }
      // Remove the folder if it is empty.
      await rmdir(containedPath(folder, job)).catch(() => {});
    },
  };
}

async function write(path: string, bytes: OutputBytes): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (bytes instanceof Uint8Array) await file.writeFile(bytes);
    else for await (const piece of Readable.fromWeb(bytes.open() as never)) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}
