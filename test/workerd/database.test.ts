import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { d1Database } from '../../src/database/d1.ts';
import { DATABASE_CONTRACT, DATABASE_SETUP } from '../contract/database.contract.ts';
import { migratedDatabase } from './migrated-database.ts';

const binding = (env as unknown as { DB: D1Database }).DB;

describe('d1', () => {
  const database = d1Database(binding);
  beforeAll(async () => {
    for (const sql of DATABASE_SETUP) await database.run(sql);
  });
  it.each(DATABASE_CONTRACT)('$name', ({ check }) => check(database));

  it('errors of a query are reported as unavailable storage', async () => {
    const prepare = () => {
      throw new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.');
    };
    const broken = d1Database({ prepare } as unknown as D1Database);
    await expect(broken.run('SELECT 1')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(broken.batch([{ sql: 'SELECT 1' }])).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('distinguishes a value that no database accepts from an unreachable database', async () => {
    const database = d1Database(binding);
    const missing = undefined as unknown as null;
    await expect(database.run('SELECT ?', missing)).rejects.toThrow(/D1_TYPE_ERROR/);
  });

  it('applies all migrations twice', async () => {
    await migratedDatabase();
    const database = await migratedDatabase();
    const { rows } = await database.run('SELECT name FROM d1_migrations ORDER BY id');
    expect(rows[0].name).toBe('0001_catalogue.sql');
  });
});
