import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS_FOLDER, migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import { RECORD_TABLES } from '../../../../src/features/jobs/stores/records.ts';
import { sqliteJobStore } from '../../../../src/features/jobs/stores/sqlite.ts';
import { JOB_STORE_CONTRACT } from '../../../contract/jobs.contract.ts';

describe('jobs in SQLite', () => {
  it.each(JOB_STORE_CONTRACT)('$name', async ({ check }) => {
    const database = sqliteDatabase(':memory:');
    await migrate(database);
    const clock = { now: Date.UTC(2026, 10, 21) };
    await check({ store: sqliteJobStore(database, { now: () => clock.now, maxWaiting: 3 }), clock });
  });
});

it('the tables of jobs are the same in every database', () => {
  const migration = readFileSync(join(MIGRATIONS_FOLDER, '0003_jobs.sql'), 'utf8');
  for (const table of RECORD_TABLES) expect(migration).toContain(table);
});
