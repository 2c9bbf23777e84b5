import { expect } from 'vitest';
import type { Database } from '../../src/database/database.ts';

/** What every driver of {@link Database} must do. `setUp` runs once before the checks, which may run in any order. */
export const DATABASE_SETUP = [
  'CREATE TABLE IF NOT EXISTS contract_rows (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size REAL) STRICT',
  'CREATE TABLE IF NOT EXISTS contract_parts (row_id INTEGER NOT NULL REFERENCES contract_rows (id) ON DELETE CASCADE) STRICT',
];

const COUNT = 'SELECT count(*) AS n FROM contract_rows WHERE name LIKE ?';
const INSERT = 'INSERT INTO contract_rows (name, size) VALUES (?, ?)';

export const DATABASE_CONTRACT: readonly { name: string; check(database: Database): Promise<void> }[] = [
  {
    name: 'returns the values that it stored',
    async check(database) {
      const text = 'Schöne Grüße, "Sori"; DROP TABLE x -- 소리 🔊';
      const select = 'SELECT ? AS a, ? AS b, ? AS c, ? AS d';
      const { rows } = await database.run(select, text, 3, 0.25, null);
      expect(rows.map((row) => ({ ...row }))).toEqual([{ a: text, b: 3, c: 0.25, d: null }]);
    },
  },
  {
    name: 'stores milliseconds without rounding',
    async check(database) {
      const at = 1_795_262_672_123;
      const { rows } = await database.run<{ id: number }>(
        'INSERT INTO contract_rows (id) VALUES (?) RETURNING id',
        at,
      );
      expect(rows[0].id).toBe(at);
    },
  },
  {
    name: 'reports the number of changed rows, 0 for reads',
    async check(database) {
      const insert = await database.run(INSERT, 'changes-1', 1);
      expect(insert).toEqual({ rows: [], changes: 1 });
      expect((await database.run(INSERT, 'changes-2', 1)).changes).toBe(1);
      expect((await database.run(COUNT, 'changes-%')).changes).toBe(0);
      const nothing = 'UPDATE contract_rows SET size = 2 WHERE name = ?';
      expect((await database.run(nothing, 'changes-none')).changes).toBe(0);
      const both = await database.run<{ name: string }>(
        'UPDATE contract_rows SET size = 2 WHERE name LIKE ? RETURNING name',
        'changes-%',
      );
      expect(both.changes).toBe(2);
      expect(both.rows.map(({ name }) => name)).toEqual(['changes-1', 'changes-2']);
    },
  },
  {
    name: 'runs a batch in order and returns the result of each statement',
    async check(database) {
      const results = await database.batch([
        { sql: INSERT, values: ['batch-1', 1] },
        { sql: COUNT, values: ['batch-%'] },
        { sql: INSERT, values: ['batch-2', null] },
        { sql: COUNT, values: ['batch-%'] },
      ]);
      expect(results.map(({ rows }) => rows[0]?.n)).toEqual([undefined, 1, undefined, 2]);
      expect(results.map(({ changes }) => changes)).toEqual([1, 0, 1, 0]);
      expect(await database.batch([])).toEqual([]);
    },
  },
  {
    name: 'rolls a batch back when a statement fails, and continues to work',
    async check(database) {
      const batch = database.batch([
        { sql: INSERT, values: ['undone', 1] },
        { sql: INSERT, values: ['undone', 2] },
      ]);
      await expect(batch).rejects.toThrow(/UNIQUE/);
      expect((await database.run(COUNT, 'undone')).rows[0].n).toBe(0);
      await database.run(INSERT, 'undone', 3);
      expect((await database.run(COUNT, 'undone')).rows[0].n).toBe(1);
    },
  },
  {
    name: 'enforces foreign keys',
    async check(database) {
      const orphan = database.run('INSERT INTO contract_parts VALUES (?)', -7);
      await expect(orphan).rejects.toThrow(/FOREIGN KEY/);
      await database.batch([
        { sql: 'INSERT INTO contract_rows (id) VALUES (77)' },
        { sql: 'INSERT INTO contract_parts VALUES (77)' },
        { sql: 'DELETE FROM contract_rows WHERE id = 77' },
      ]);
      const left = await database.run('SELECT count(*) AS n FROM contract_parts WHERE row_id = 77');
      expect(left.rows[0].n).toBe(0);
    },
  },
  {
    name: 'reads JSON lists as tables',
    async check(database) {
      const list = JSON.stringify([{ name: 'a', size: 1.5 }, { name: 'b' }]);
      const { rows } = await database.run(
        "SELECT value ->> 'name' AS name, value ->> 'size' AS size FROM json_each(?)",
        list,
      );
      expect(rows.map((row) => ({ ...row }))).toEqual([
        { name: 'a', size: 1.5 },
        { name: 'b', size: null },
      ]);
    },
  },
  {
    name: 'reports missing tables',
    async check(database) {
      await expect(database.run('SELECT 1 FROM nowhere')).rejects.toMatchObject({
        code: 'not_configured',
        message: expect.stringContaining('migrations'),
      });
    },
  },
];
