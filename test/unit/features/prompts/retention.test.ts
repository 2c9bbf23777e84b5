import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import { parseRetention } from '../../../../src/features/prompts/retention.ts';
import { fileStore } from '../../../../src/library/stores/files.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { RETENTION_CONTRACT } from '../../../contract/retention.contract.ts';

const database = sqliteDatabase(':memory:');
let folder: string;
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  folder = await mkdtemp(join(tmpdir(), 'sori-retention-'));
  await migrate(database);
});
afterAll(async () => {
  vi.restoreAllMocks();
  database.close();
  await rm(folder, { recursive: true });
});

describe('retention over SQLite and memory', () => {
  it.each(RETENTION_CONTRACT)('$name', ({ check }) => check({ database, store: memoryStore() }));
});

describe('retention over SQLite and files', () => {
  it.each(RETENTION_CONTRACT)('$name', async ({ check }) => {
    const own = sqliteDatabase(':memory:');
    await migrate(own);
    await check({ database: own, store: fileStore(await mkdtemp(join(folder, 'store-'))) });
    own.close();
  });
});

describe('which audio is stored', () => {
  it('all by default', () => {
    expect(parseRetention({})).toEqual({ versions: undefined, audioDays: undefined });
    expect(parseRetention({ KEEP_VERSIONS: ' ', KEEP_AUDIO_DAYS: '' })).toEqual({});
    expect(parseRetention({ KEEP_VERSIONS: '1', KEEP_AUDIO_DAYS: ' 30 ' })).toEqual({
      versions: 1,
      audioDays: 30,
    });
  });

  it.each([
    { KEEP_VERSIONS: '0' },
    { KEEP_VERSIONS: '-1' },
    { KEEP_VERSIONS: 'all' },
    { KEEP_VERSIONS: '1.5' },
    { KEEP_AUDIO_DAYS: '1' },
    { KEEP_AUDIO_DAYS: '30d' },
  ])('is refused as %j', (variables) => {
    expect(() => parseRetention(variables)).toThrow(/must be a whole number of at least [12]/);
  });
});
