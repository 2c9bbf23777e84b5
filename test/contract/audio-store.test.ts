import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { fileStore } from '../../src/delivery/stores/files.ts';
import { memoryStore } from '../../src/delivery/stores/memory.ts';
import { audioStoreContract } from './audio-store.contract.ts';

describe('memory', () => audioStoreContract(async () => memoryStore()));

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sori-store-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  audioStoreContract(async () => fileStore(await mkdtemp(join(folder, 'root-'))));
});
