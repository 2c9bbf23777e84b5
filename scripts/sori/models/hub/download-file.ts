import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { containedPath } from '../../../../src/base/contained-path.ts';
import { CommandError, reasonOf } from '../../failures.ts';
import { type Hub, type HubFile, type HubRepository, RetryableFault } from './hub.ts';

/** Attempts in a row that may end without a new byte. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;

/** Where a file comes from and goes to. */
export interface DownloadOptions {
  readonly hub: Hub;
  readonly repository: HubRepository;
  /** Folder in which the file has the path that it has in the repository. */
  readonly folder: string;
  /** Called with the number of bytes that are there now and were not before. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Downloads a file of a repository. A file that is whole already is not requested again. What a broken download has left, in this run or an
 * earlier one, is continued.
 * @throws {CommandError} when the hub refuses, when the content has another length or hash than the hub states, when the disk is full.
 */
export async function downloadFile(file: HubFile, options: DownloadOptions): Promise<void> {
  const { folder, onBytes } = options;
  const path = containedPath(folder, file.path);
  const done = await stat(path).catch(() => undefined);
  if (done?.size === file.bytes) return onBytes(file.bytes);
  const partial = partialPath(path);
  await mkdir(dirname(path), { recursive: true });
  const state: Partial = { path: partial, hash: newHash(file), bytes: 0 };
  await readPartial(file, state);
  onBytes(state.bytes);
  let before = state.bytes;
  for (let failures = 0; state.bytes < file.bytes; ) {
    try {
      await append(file, state, options);
    } catch (error) {
      if (!(error instanceof RetryableFault)) throw error;
      failures = state.bytes > before ? 1 : failures + 1;
      before = state.bytes;
      if (failures === ATTEMPTS) throw error;
      await sleep(FIRST_WAIT_MS * 2 ** (failures - 1), undefined, { signal: options.signal });
    }
  }
  if (file.bytes === 0) await (await open(partial, 'w')).close();
  const expected = file.sha256 ?? file.gitSha1;
  const made = state.hash.digest('hex');
  if (made !== expected) {
    await rm(partial, { force: true });
    throw new CommandError(
      `${file.path} arrived damaged: its hash is ${made}, and the hub states ${expected}. It was deleted.`,
    );
  }
  await rename(partial, path);
}

/** Where the beginning of a file is until the file is whole. */
export const partialPath = (path: string): string => `${path}.part`;

/** A file that is not whole yet. */
interface Partial {
  readonly path: string;
  /** Hash of the bytes that have arrived. */
  hash: Hash;
  bytes: number;
}

/** Git hashes a content with its kind and length in front of it. */
function newHash({ sha256, bytes }: HubFile): Hash {
  return sha256 === undefined ? createHash('sha1').update(`blob ${bytes}\0`) : createHash('sha256');
}

async function readPartial(file: HubFile, state: Partial): Promise<void> {
  const left = await stat(state.path).catch(() => undefined);
  if (left === undefined) return;
  // Longer than the whole: it belongs to another file.
  if (left.size > file.bytes) return await rm(state.path);
  for await (const piece of createReadStream(state.path, { highWaterMark: 4 * 1024 * 1024 })) {
    state.hash.update(piece as Buffer);
    state.bytes += (piece as Buffer).length;
  }
}

/** Requests what is missing, and writes it as it arrives. */
async function append(
  file: HubFile,
  state: Partial,
  { hub, repository, onBytes, signal }: DownloadOptions,
): Promise<void> {
  const response = await hub.open(repository, file.path, state.bytes);
  if (state.bytes > 0 && response.status !== 206) {
    onBytes(-state.bytes);
    state.hash = newHash(file);
    state.bytes = 0;
  }
  const target = await open(state.path, state.bytes > 0 ? 'a' : 'w');
  try {
    for await (const piece of response.body ?? []) {
      if (state.bytes + piece.length > file.bytes) {
        throw new CommandError(`${file.path} is longer than the ${file.bytes} bytes that the hub states`);
      }
      await target.appendFile(piece);
      state.hash.update(piece);
      state.bytes += piece.length;
      onBytes(piece.length);
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof CommandError) throw cause;
    throw broken(file, cause);
  } finally {
    await target.close();
  }
  if (state.bytes < file.bytes) throw broken(file, new Error('the connection ended early'));
}

function broken({ path }: HubFile, cause: unknown): CommandError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CommandError(
      `The disk is full: ${path} can't be written. Make room and run the command again.`,
      {
        cause,
      },
    );
  }
  return new RetryableFault(`The download of ${path} was interrupted: ${reasonOf(cause)}`, { cause });
}
