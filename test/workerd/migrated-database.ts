/// <reference types="@cloudflare/vitest-plugin/types" />
import { applyD1Migrations, type D1Migration } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { d1Database } from '../../src/database/d1.ts';
import type { Database } from '../../src/database/database.ts';

interface TestEnv {
  readonly DB: D1Database;
  /** What `readD1Migrations` read: vitest.config.ts. */
  readonly MIGRATIONS: D1Migration[];
}

/** The D1 database of the Worker under test, with all migrations applied. */
export async function migratedDatabase(): Promise<Database> {
  const { DB, MIGRATIONS } = env as unknown as TestEnv;
  await applyD1Migrations(DB, MIGRATIONS);
  return d1Database(DB);
}
