import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS_FOLDER, migrate } from '../../../src/database/migrate.ts';
import { type SqliteDatabase, sqliteDatabase } from '../../../src/database/sqlite.ts';
import { DATABASE_CONTRACT, DATABASE_SETUP } from '../../contract/database.contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sori-database-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tablesOf = async (database: SqliteDatabase) => {
  const { rows } = await database.run<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table'",
  );
  return rows.map(({ name }) => name);
};

describe('sqlite', () => {
  const database = sqliteDatabase(':memory:');
  beforeAll(async () => {
    for (const sql of DATABASE_SETUP) await database.run(sql);
  });
  afterAll(() => database.close());
  it.each(DATABASE_CONTRACT)('$name', ({ check }) => check(database));
});

describe('an SQLite file', () => {
  it('persists rows, and lets another connection read during a write', async () => {
    const path = join(folder, 'a.db');
    const one = sqliteDatabase(path);
    await one.run('CREATE TABLE t (n INTEGER) STRICT');
    await one.run('INSERT INTO t VALUES (1)');
    const other = sqliteDatabase(path);
    expect((await other.run('SELECT n FROM t')).rows[0].n).toBe(1);
    expect((await other.run('PRAGMA journal_mode')).rows[0].journal_mode).toBe('wal');
    one.close();
    other.close();
    const again = sqliteDatabase(path);
    expect((await again.run('SELECT n FROM t')).rows[0].n).toBe(1);
    again.close();
  });

  it('that cannot be opened or is not SQLite is reported as unavailable storage', async () => {
    expect(() => sqliteDatabase(join(folder, 'nowhere/a.db'))).toThrow(
      expect.objectContaining({ code: 'storage_unavailable' }),
    );
    writeFileSync(join(folder, 'text.db'), 'This is no database. '.repeat(100));
    expect(() => sqliteDatabase(join(folder, 'text.db'))).toThrow(
      expect.objectContaining({ code: 'storage_unavailable' }),
    );
  });
});

describe('migrations', () => {
  it('run once, in order, and are recorded where wrangler records them', async () => {
    const database = sqliteDatabase(join(folder, 'a.db'));
    const ran = await migrate(database);
    expect(ran[0]).toBe('0001_catalogue.sql');
    expect(ran).toEqual([...ran].sort());
    expect(await tablesOf(database)).toEqual(expect.arrayContaining(['d1_migrations', 'prompts']));
    expect(await migrate(database)).toEqual([]);
    const { rows } = await database.run('SELECT id, name FROM d1_migrations ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(ran);
    database.close();
  });

  it('that fail change nothing, and run once they are corrected', async () => {
    const database = sqliteDatabase(':memory:');
    writeFileSync(join(folder, '0001_a.sql'), 'CREATE TABLE a (n);');
    writeFileSync(join(folder, '0002_b.sql'), 'CREATE TABLE b (n); CREATE TABLE b (n);');
    writeFileSync(join(folder, 'notes.txt'), 'no migration');
    await expect(migrate(database, folder)).rejects.toThrow(/b already exists/);
    expect(await tablesOf(database)).not.toContain('b');
    writeFileSync(join(folder, '0002_b.sql'), 'CREATE TABLE b (n);');
    expect(await migrate(database, folder)).toEqual(['0002_b.sql']);
    database.close();
  });

  it('are run by one of two processes that start together', async () => {
    const path = join(folder, 'a.db');
    const [one, other] = [sqliteDatabase(path), sqliteDatabase(path)];
    const ran = await Promise.all([migrate(one), migrate(other)]);
    expect(ran.flat()).toContain('0001_catalogue.sql');
    expect(new Set(ran.flat()).size).toBe(ran.flat().length);
    one.close();
    other.close();
  });

  it('are named so that they sort', async () => {
    const { readdirSync } = await import('node:fs');
    for (const file of readdirSync(MIGRATIONS_FOLDER)) expect(file).toMatch(/^\d{4}_[a-z_]+\.sql$/);
  });
});
