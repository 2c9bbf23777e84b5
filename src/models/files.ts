import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFault, type ModelFile } from './manifest.ts';

/** Called with the number of bytes that were read. */
export type OnBytes = (bytes: number) => void;

/**
 * Reads a file and computes its SHA-256.
 * @returns hex digits and the number of bytes.
 */
export async function hashFile(
  path: string,
  { onBytes, signal }: { onBytes?: OnBytes; signal?: AbortSignal } = {},
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 4 * 1024 * 1024, signal })) {
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
    onBytes?.((piece as Buffer).length);
  }
  return { sha256: hash.digest('hex'), bytes };
}

/**
 * Checks that a file of a model is there and is the one that the manifest names.
 * @throws {ModelFault} when it is missing, or has another length or hash.
 */
export async function verifyFile(
  folder: string,
  { path, bytes, sha256 }: ModelFile,
  options: { onBytes?: OnBytes; signal?: AbortSignal } = {},
): Promise<void> {
  const found = await stat(join(folder, path)).catch(() => undefined);
  if (!found?.isFile()) throw new ModelFault(`${path} is missing`);
  if (found.size !== bytes) {
    throw new ModelFault(`${path} has ${found.size} bytes, but model.json states ${bytes}`);
  }
  const made = await hashFile(join(folder, path), options);
  if (made.sha256 !== sha256) {
    throw new ModelFault(
      `${path} is damaged: its SHA-256 is ${made.sha256}, but model.json states ${sha256}`,
    );
  }
}
