import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds between checks of a folder that another process is making. */
const POLL_MS = 50;

/**
 * Makes a folder once for all processes of a test run. Other callers wait meanwhile. A test that changes files copies the folder first.
 * @param name of the folder, different for different contents.
 * @param make fills the folder.
 * @returns its path.
 * @throws what `make` throws; the next caller tries again.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const run = process.env.SORI_TEST_RUN;
  if (!run) throw new Error('SORI_TEST_RUN is not set: vitest.config.ts sets it.');
  const path = join(run, name);
  const lock = `${path}.lock`;
  while (!existsSync(path)) {
    if (await isTaken(lock)) {
      await setTimeout(POLL_MS);
      continue;
    }
    try {
      if (existsSync(path)) break;
      const draft = `${path}.draft`;
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft);
      await make(draft);
      await rename(draft, path);
    } finally {
      await rm(lock, { recursive: true });
    }
  }
  return path;
}

/** Whether another process holds the lock. If not, this process holds it now. */
async function isTaken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return true;
    throw error;
  }
}
