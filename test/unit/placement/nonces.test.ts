import { beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/database/migrate.ts';
import { type SqliteDatabase, sqliteDatabase } from '../../../src/database/sqlite.ts';
import { databaseNonces, nonceTask } from '../../../src/placement/signatures/nonces.ts';

let database: SqliteDatabase;
beforeEach(async () => {
  database = sqliteDatabase(':memory:');
  await migrate(database);
});

const count = async () => (await database.run('SELECT count(*) AS n FROM origin_nonces')).rows[0].n;

describe('nonces in a database', () => {
  it('are accepted once, until they expire', async () => {
    const nonces = databaseNonces(database);
    expect(await nonces.remember('a', 1_000, 0)).toBe('new');
    expect(await nonces.remember('a', 1_000, 999)).toBe('seen');
    expect(await nonces.remember('b', 1_000, 999)).toBe('new');
    expect(await nonces.remember('a', 2_000, 1_000)).toBe('new');
    expect(await nonces.remember('a', 2_000, 1_001)).toBe('seen');
  });

  it('are accepted once when many arrive at the same time', async () => {
    const stores = [databaseNonces(database), databaseNonces(database)];
    const states = await Promise.all(
      Array.from({ length: 20 }, (_, i) => stores[i % 2].remember('a', 1_000, 0)),
    );
    expect(states.filter((state) => state === 'new').length).toBe(1);
  });

  it('are removed when they have expired', async () => {
    const nonces = databaseNonces(database);
    for (let i = 0; i < 100; i++) await nonces.remember(`old ${i}`, 1_000, 0);
    await nonces.remember('young', 5_000, 0);
    const chore = nonceTask(database);
    expect(await chore(999)).toBe(0);
    expect(await chore(1_000)).toBe(100);
    expect(await count()).toBe(1);
    expect(await nonces.remember('young', 5_000, 1_000)).toBe('seen');
  });

  it('refuse the request when they cannot be stored', async () => {
    const nonces = databaseNonces(sqliteDatabase(':memory:'));
    await expect(nonces.remember('a', 1_000, 0)).rejects.toThrow();
  });
});
