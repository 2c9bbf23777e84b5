import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileStore } from '../../../src/library/stores/files.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { audioStoreContract, bytesOf, keyOf, META, pattern } from './audio-store.contract.ts';

describe('memory', () => audioStoreContract(async () => memoryStore()));

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sori-store-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const newRoot = () => mkdtemp(join(folder, 'root-'));

  audioStoreContract(async () => fileStore(await newRoot()));

  it('hides unfinished writes, which another writer can finish', async () => {
    const root = await newRoot();
    const drafts = async () => (await readdir(join(root, 'tmp')).catch(() => [])).length;
    // The writers are killed at different points. One that has just finished a file leaves no draft.
    for (let round = 0; round < 30 && (await drafts()) < 3; round++) {
      const before = await drafts();
      const writer = spawn(process.execPath, [
        '--no-warnings',
        join(import.meta.dirname, 'audio-store-writer.ts'),
        root,
      ]);
      const died = once(writer, 'exit');
      let errors = '';
      writer.stderr.on('data', (data) => (errors += data));
      await Promise.race([once(writer.stdout, 'data'), died]);
      await expect.poll(drafts, { interval: 1, timeout: 20_000 }).toBeGreaterThan(before);
      writer.kill('SIGKILL');
      await died;
      expect(errors).toBe('');
    }
    expect(await drafts()).toBe(3);
    const store = fileStore(root);
    const names = (await readdir(join(root, '00'))).sort();
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const object = (await store.get(name))!;
      expect(object.size).toBe(4 * 1024 * 1024);
      const bytes = await bytesOf(object.body);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.sha256);
      expect(bytes.every((byte) => byte === Number(name.slice(0, 64)) % 256)).toBe(true);
    }
    // The name of the last unfinished file can be used.
    const next = `${String(names.length).padStart(64, '0')}.wav`;
    expect(await store.head(next)).toBeNull();
    expect(await store.putIfAbsent(next, pattern(10), META)).toBe(true);
  });

  it('removes abandoned writes, but not those in progress', async () => {
    const root = await newRoot();
    const drafts = join(root, 'tmp');
    await mkdir(drafts);
    await writeFile(join(drafts, 'old'), 'half');
    await writeFile(join(drafts, 'new'), 'half');
    await utimes(join(drafts, 'old'), 0, 0);
    await fileStore(root).putIfAbsent(`${keyOf('a')}.wav`, pattern(10), META);
    expect(await readdir(drafts)).toEqual(['new']);
  });

  it('is one store for several processes', async () => {
    const root = await newRoot();
    const name = `${keyOf('a')}.wav`;
    const won = await Promise.all(
      Array.from({ length: 8 }, (_, i) => fileStore(root).putIfAbsent(name, pattern(100_000, i), META)),
    );
    expect(won.filter((wrote) => wrote)).toHaveLength(1);
    expect(await bytesOf((await fileStore(root).get(name))?.body)).toEqual(
      pattern(100_000, won.indexOf(true)),
    );
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('stores metadata of any length and in any language', async () => {
    const store = fileStore(await newRoot());
    const meta = { ...META, voice: 'tërésa,서리,'.repeat(1000) };
    await store.putIfAbsent(`${keyOf('a')}.wav`, pattern(5), meta);
    expect((await store.head(`${keyOf('a')}.wav`))?.meta).toEqual(meta);
    expect(await bytesOf((await store.get(`${keyOf('a')}.wav`))?.body)).toEqual(pattern(5));
  });

  it('throws on a file that is damaged or has another format', async () => {
    const root = await newRoot();
    const store = fileStore(root);
    const name = `${keyOf('a')}.wav`;
    await store.putIfAbsent(name, pattern(100_000), META);
    const path = join(root, '00', name);
    await truncate(path, (await stat(path)).size - 1);
    await expect(store.head(name)).rejects.toThrow('damaged');
    await expect(store.get(name)).rejects.toThrow('damaged');
    await truncate(path, 0);
    await expect(store.get(name)).rejects.toThrow('damaged');
    expect(await store.putIfAbsent(name, pattern(1), META)).toBe(false);
  });

  it('aborts a body whose file was truncated or removed', async () => {
    const root = await newRoot();
    const store = fileStore(root);
    const name = `${keyOf('a')}.wav`;
    await store.putIfAbsent(name, pattern(300_000), META);
    const [shorter, gone] = [await store.get(name), await store.get(name)];
    await truncate(join(root, '00', name), 100_000);
    await expect(bytesOf(shorter?.body)).rejects.toThrow('shorter');
    await store.delete([name]);
    await expect(bytesOf(gone?.body)).rejects.toThrow('ENOENT');
  });

  it('throws where it cannot write, and leaves no file', async () => {
    const root = join(await newRoot(), 'a file');
    await writeFile(root, '');
    const store = fileStore(root);
    await expect(store.putIfAbsent(`${keyOf('a')}.wav`, pattern(1), META)).rejects.toThrow();
    await expect(store.head(`${keyOf('a')}.wav`)).rejects.toThrow('ENOTDIR');
  });
});
