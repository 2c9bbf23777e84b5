import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { containedPath } from '../../base/contained-path.ts';
import { wholeSecond } from '../../base/http-date.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { checkedBytes } from '../long-bytes.ts';
import type { AudioHead, AudioMeta, AudioStore, ByteRange } from '../store.ts';
import { checkName, isName } from './names.ts';

/** The last bytes of every file of the store. */
const MAGIC = 'SORIAUD1';
/** Length of a file's ending: the length of the JSON before it (uint32, little-endian) and {@link MAGIC}. */
const ENDING_BYTES = 4 + MAGIC.length;
/** Bytes of the first read at a file's end, which covers the JSON of nearly every file. */
const TAIL_BYTES = 2048;
/** Bytes of audio read at once. */
const CHUNK_BYTES = 64 * 1024;
/** Age in milliseconds after which a temporary file counts as abandoned. */
const ABANDONED_MS = 3_600_000;

/** The JSON at a file's end. */
interface Tail {
  readonly sha256: string;
  /** Milliseconds since the epoch. */
  readonly stored: number;
  readonly meta: AudioMeta;
}

/**
 * Stores audio in a folder, one file per name: the audio followed by its metadata, so that one file holds everything and most
 * players play it. A file is written under a temporary name and synced to disk before a hard link gives it its name; the file system lets
 * one link succeed. A writer that crashes leaves a temporary file, which a later writer removes.
 * @param folder created on first use. Several processes may share it; its file system must support hard links.
 */
export function fileStore(folder: string): AudioStore {
  const temporary = join(folder, 'tmp');
  // Subfolders, because folders with many thousand files are slow.
  const pathOf = (name: string) => {
    checkName(name);
    return containedPath(folder, name.slice(0, 2), name);
  };
  let swept: Promise<void> | undefined;
  return {
    async head(name) {
      return await reading(pathOf(name), headOf);
    },
    async get(name, range) {
      const path = pathOf(name);
      const head = await reading(path, headOf);
      return head && { ...head, body: streamOf(path, range ?? { offset: 0, length: head.size }) };
    },
    async putIfAbsent(name, bytes, meta, known) {
      const path = pathOf(name);
      if (await reading(path, async () => true)) return false;
      await mkdir(temporary, { recursive: true });
      await mkdir(dirname(path), { recursive: true });
      // Leftovers cost only space: an error here must not prevent a write.
      swept ??= sweep(temporary).catch(() => {});
      await swept;
      const draft = join(temporary, randomUUID());
      try {
        const sha256 = bytes instanceof Uint8Array ? (known ?? (await sha256Hex(bytes))) : bytes.sha256;
        const body = bytes instanceof Uint8Array ? [bytes] : checkedBytes(bytes);
        await writeWhole(draft, body, endingOf({ sha256, stored: Date.now(), meta }));
        await link(draft, path);
        await syncFolder(dirname(path));
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await rm(draft, { force: true });
      }
    },
    async list(after, limit) {
      const found: string[] = [];
      // One name more than requested shows whether there is a next page.
      for (const part of await entriesOf(folder)) {
        if (found.length > limit) break;
        if (part.length !== 2 || part < after.slice(0, 2)) continue;
        const names = (await entriesOf(join(folder, part))).filter((name) => isName(name) && name > after);
        found.push(...names);
      }
      const names = await Promise.all(
        found.slice(0, limit).map(async (name) => {
          const seen = await stat(pathOf(name)).catch(() => undefined);
          return seen ? [{ name, stored: wholeSecond(seen.mtimeMs) }] : [];
        }),
      );
      return { names: names.flat(), next: found.length > limit ? found[limit - 1] : undefined };
    },
    async delete(names) {
      const paths = names.map(pathOf);
      await Promise.all(paths.map((path) => rm(path, { force: true })));
    },
  };
}

/** The entries of a folder in order; empty if the folder does not exist. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** Opens a file while `use` runs; null if it does not exist. */
async function reading<T>(
  path: string,
  use: (file: FileHandle, path: string) => Promise<T>,
): Promise<T | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return await use(file, path);
  } finally {
    await file.close();
  }
}

async function headOf(file: FileHandle, path: string): Promise<AudioHead> {
  const { size } = await file.stat();
  let tail = await lastBytes(file, size, TAIL_BYTES);
  if (tail.toString('latin1', tail.length - MAGIC.length) !== MAGIC) {
    throw new Error(`${path} is not a file of the audio store, or it is damaged.`);
  }
  const json = tail.readUInt32LE(tail.length - ENDING_BYTES);
  if (json + ENDING_BYTES > tail.length) tail = await lastBytes(file, size, json + ENDING_BYTES);
  const text = tail.toString('utf8', tail.length - ENDING_BYTES - json, tail.length - ENDING_BYTES);
  const { sha256, stored, meta } = JSON.parse(text) as Tail;
  return { size: size - ENDING_BYTES - json, sha256, stored: wholeSecond(stored), meta };
}

async function lastBytes(file: FileHandle, size: number, count: number): Promise<Buffer> {
  const length = Math.min(size, count);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  if (bytesRead < length) throw new Error('A file of the audio store became shorter as it was read.');
  return buffer;
}

function endingOf(tail: Tail): Uint8Array {
  const json = Buffer.from(JSON.stringify(tail));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([json, length, Buffer.from(MAGIC, 'latin1')]);
}

async function writeWhole(
  path: string,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ending: Uint8Array,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for await (const part of body) await file.writeFile(part);
    await file.writeFile(ending);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Syncs the folder, so that a new name survives a power loss. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Opens the file on the first read, so that an unread body holds no file open. */
function streamOf(path: string, { offset, length }: ByteRange): ReadableStream<Uint8Array> {
  let file: FileHandle | undefined;
  let at = offset;
  const end = offset + length;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          file ??= await open(path);
          const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
          const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
          if (bytesRead < chunk.length)
            throw new Error('A file of the audio store became shorter as it was read.');
          at += bytesRead;
          if (bytesRead > 0) controller.enqueue(chunk);
          if (at < end) return;
          await file.close();
          controller.close();
        } catch (error) {
          await file?.close();
          throw error;
        }
      },
      cancel: () => file?.close(),
    },
    { highWaterMark: 0 },
  );
}

async function sweep(folder: string): Promise<void> {
  const before = Date.now() - ABANDONED_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < before) await rm(path, { force: true });
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
