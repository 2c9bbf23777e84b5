import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { containedPath, UncontainedPath } from '../../../../src/base/contained-path.ts';
import { CommandError } from '../../failures.ts';
import { writeWhole } from '../../write-whole.ts';

/** Somewhere for files to go, in order. Nothing is under its final name before it is whole. */
export interface Archive {
  /**
   * Adds a file. Call it for one file at a time.
   * @throws {CommandError} for a path that leads out of the folder or archive; and when the file can't be written.
   */
  add(path: string, bytes: Uint8Array): Promise<void>;
  /** All files are there: puts the whole in its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** Entries that a ZIP file without the 64-bit extension can have. */
export const MAX_ZIP_ENTRIES = 65_535;
const MAX_ZIP_BYTES = 2 ** 32 - 1;
/** Not compressed again. */
const PACKED = /\.(?:mp3|opus|flac)$/;
/** The earliest time in ZIP, so that the same files give the same bytes. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/** A ZIP file, written as it grows, beside its place and then moved there. */
export function zipArchive(path: string): Archive {
  const partial = `${path}.${process.pid}.partial`;
  const stream = createWriteStream(partial);
  let failure: Error | undefined;
  let size = 0;
  let full = false;
  stream.on('error', (error) => {
    failure ??= error;
  });
  const zip = new Zip((error, chunk) => {
    if (error) failure ??= error;
    else {
      size += chunk.length;
      full = !stream.write(chunk);
    }
  });
  const check = () => {
    if (failure) throw cannot(path, failure);
    if (size > MAX_ZIP_BYTES)
      throw new CommandError(`${path} would pass 4 GiB, the most that ZIP holds: use --out.`);
  };
  return {
    async add(name, bytes) {
      checkedPath('.', name);
      const file = PACKED.test(name) ? new ZipPassThrough(name) : new ZipDeflate(name, { level: 6 });
      file.mtime = ZIP_EPOCH;
      zip.add(file);
      file.push(bytes, true);
      check();
      // `check` reports the cause of a failure.
      if (full) await once(stream, 'drain').catch(() => {});
      full = false;
      check();
    },
    async finish() {
      zip.end();
      await new Promise<void>((done) => stream.end(done));
      check();
      await rename(partial, path);
    },
    async discard() {
      zip.terminate();
      stream.destroy();
      await rm(partial, { force: true });
    },
  };
}

/** Files in a folder, each moved to its place when it is complete. Other files stay. */
export function folderArchive(folder: string): Archive {
  return {
    async add(name, bytes) {
      const path = checkedPath(folder, name);
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeWhole(path, bytes);
      } catch (cause) {
        throw cannot(path, cause as Error);
      }
    },
    async finish() {},
    async discard() {},
  };
}

/** File names come from the server. Unpacking the archive must not write outside the target folder. */
function checkedPath(folder: string, name: string): string {
  try {
    return containedPath(folder, name);
  } catch (error) {
    if (!(error instanceof UncontainedPath)) throw error;
    const message = `The server names a file ${JSON.stringify(name)}, which leads out of its folder. Nothing was written there.`;
    throw new CommandError(message, { cause: error });
  }
}

function cannot(path: string, cause: Error): CommandError {
  return cause instanceof CommandError
    ? cause
    : new CommandError(`${path} can't be written: ${cause.message}.`, { cause });
}
