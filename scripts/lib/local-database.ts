/** wrangler's local D1, brought up to date in this process. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MIGRATIONS_FOLDER } from '../../src/database/migrate.ts';
import { DEFAULT_PERSIST } from './local-bucket.ts';

/** Binding of the database in `wrangler.toml`. */
const BINDING = 'DB';
const CONFIG = resolve(import.meta.dirname, '../../wrangler.toml');
/** Beside the database, so that both are deleted together. */
const NOTE = 'v3/d1/migrated.txt';
/** The table in which `wrangler d1 migrations apply` records what it ran. */
const RECORD = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Applies the migrations that the local database lacks, as `wrangler d1 migrations apply DB --local` would. A note beside the
 * database saves opening it when there is nothing to do.
 * @param options.persistTo as wrangler's `--persist-to`.
 * @returns names of the migrations that it ran.
 * @throws SQLite's error for a migration that it refuses, of which nothing takes effect then.
 */
export async function migrateLocalDatabase({ persistTo = DEFAULT_PERSIST } = {}): Promise<string[]> {
  const names = readdirSync(MIGRATIONS_FOLDER).filter((name) => /^\d+_.*\.sql$/.test(name));
  const note = join(persistTo, NOTE);
  const state = fingerprint(names);
  if (existsSync(note) && readFileSync(note, 'utf8') === state) return [];
  const ran = await applyTo(persistTo, names.sort());
  mkdirSync(join(note, '..'), { recursive: true });
  writeFileSync(note, state);
  return ran;
}

/** wrangler.toml is included, because it selects the local database. */
function fingerprint(names: readonly string[]): string {
  const hash = createHash('sha256').update(readFileSync(CONFIG));
  return `${hash.digest('hex')}\n${names.toSorted().join('\n')}\n`;
}

async function applyTo(persistTo: string, names: readonly string[]): Promise<string[]> {
  // Loaded here, because they take longer than all that there is to do as a rule.
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare');
  const { unstable_readConfig, unstable_splitSqlQuery } = await import('wrangler');
  const config = unstable_readConfig({ config: CONFIG }).d1_databases.find(
    ({ binding }: { binding: string }) => binding === BINDING,
  );
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {};',
      resourcePersistencePath: resolve(persistTo, 'v3'),
      // The names that wrangler gives to local databases.
      d1Databases: { [BINDING]: config?.preview_database_id ?? config?.database_id ?? BINDING },
    }),
  );
  try {
    const database = await miniflare.getD1Database(BINDING);
    await database.prepare(RECORD).run();
    const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
    const applied = new Set(results.map(({ name }) => name));
    const missing = names.filter((name) => !applied.has(name));
    for (const name of missing) {
      const statements = unstable_splitSqlQuery(readFileSync(join(MIGRATIONS_FOLDER, name), 'utf8'));
      await database.batch([
        ...statements.map((sql) => database.prepare(sql)),
        database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
      ]);
    }
    return missing;
  } finally {
    await miniflare.dispose();
  }
}
