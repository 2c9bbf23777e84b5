import type { HousekeepingTask } from '../../base/housekeeping.ts';
import type { Database } from '../../database/database.ts';

/** How long what is not current any more is kept; default: for ever. */
export interface Retention {
  /** Versions of a prompt that are kept, the current one among them. */
  readonly versions?: number;
  /** Days that audio is kept which no prompt names, and what deleted prompts were. */
  readonly audioDays?: number;
}

const DAY_MS = 24 * 3_600_000;
/** Versions in one statement. */
const AT_ONCE = 250;
/** Statements in one round: the next one goes on. */
const STATEMENTS = 8;

/**
 * Forgets old versions of prompts, and what deleted prompts were: of those the tombstone stays, so that a name that comes back goes on
 * counting. A version that is current is never touched: the statement that removes asks what is current.
 */
export function pruneVersions(database: Database, { versions, audioDays }: Retention): HousekeepingTask {
  return async (now) => {
    let removed = 0;
    if (versions !== undefined) removed += await inParts(database, OLD_VERSIONS, versions);
    if (audioDays !== undefined) {
      const before = now - audioDays * DAY_MS;
      removed += await inParts(database, VERSIONS_OF_DELETED, before);
      removed += await inParts(database, LAST_OF_DELETED, before);
    }
    return removed;
  };
}

const OLD_VERSIONS = `DELETE FROM prompt_versions WHERE (name, version) IN (
    SELECT v.name, v.version FROM prompts p JOIN prompt_versions v ON v.name = p.name AND v.version <= p.version - ?
    LIMIT ${AT_ONCE}) RETURNING name, version`;

const VERSIONS_OF_DELETED = `DELETE FROM prompt_versions WHERE (name, version) IN (
    SELECT v.name, v.version FROM prompts p JOIN prompt_versions v ON v.name = p.name AND v.version < p.version
    WHERE p.deleted_at < ? LIMIT ${AT_ONCE}) RETURNING name, version`;

/** The tombstone refers to its last version, which stays as a version that has no variants. */
const LAST_OF_DELETED = `DELETE FROM prompt_variants WHERE (name, version) IN (
    SELECT p.name, p.version FROM prompts p WHERE p.deleted_at < ?
      AND EXISTS (SELECT 1 FROM prompt_variants v WHERE v.name = p.name AND v.version = p.version)
    LIMIT ${AT_ONCE}) RETURNING name, version`;

/** Runs a statement until it finds no more. Returns how many versions it found. */
async function inParts(database: Database, sql: string, value: number): Promise<number> {
  const found = new Set<string>();
  for (let count = 0; count < STATEMENTS; count++) {
    const { rows } = await database.run<{ name: string; version: number }>(sql, value);
    for (const { name, version } of rows) found.add(`${name} ${version}`);
    if (rows.length === 0) break;
  }
  return found.size;
}
