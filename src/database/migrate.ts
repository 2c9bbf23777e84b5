import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqliteDatabase } from './sqlite.ts';

/** Where the migrations are: `NNNN_name.sql`, run in the order of their names. */
export const MIGRATIONS_FOLDER = join(import.meta.dirname, 'migrations');

/** The table in which wrangler records migrations, so that both tools can continue each other's work. */
const RECORD = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Applies pending migrations, each in a transaction. For Workers, `wrangler d1 migrations apply` does this.
 * @returns names of the migrations that it ran.
 * @throws {SoriError} `storage_unavailable`; and SQLite's error for a migration that it refuses.
 */
export async function migrate(database: SqliteDatabase, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  await database.run(RECORD);
  const files = readdirSync(folder).filter((file) => /^\d+_.*\.sql$/.test(file));
  const ran: string[] = [];
  for (const name of files.sort()) {
    if (await isApplied(database, name)) continue;
    const record = { sql: 'INSERT INTO d1_migrations (name) VALUES (?)', values: [name] };
    try {
      database.script(readFileSync(join(folder, name), 'utf8'), record);
      ran.push(name);
    } catch (error) {
      // Another process that started with this one may have been quicker.
      if (!(await isApplied(database, name))) throw error;
    }
  }
  return ran;
}

async function isApplied(database: SqliteDatabase, name: string): Promise<boolean> {
  const { rows } = await database.run('SELECT 1 FROM d1_migrations WHERE name = ?', name);
  return rows.length > 0;
}
