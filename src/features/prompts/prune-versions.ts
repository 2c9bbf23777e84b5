import type { HousekeepingTask } from '../../base/housekeeping.ts';
import type { Database } from '../../database/database.ts';

/** Retention of old versions and audio; default: unlimited. */
export interface Retention {
  /** Versions of a prompt that are kept, including the current one. */
  readonly versions?: number;
  /** Days that unreferenced audio and the versions of deleted prompts are kept. */
  readonly audioDays?: number;
}

const DAY_MS = 24 * 3_600_000;
/** Versions in one statement. */
const AT_ONCE = 250;
/** Statements per run; the next run continues. */
const STATEMENTS = 8;

/**
 * Removes old versions of prompts and the versions of deleted prompts. A tombstone stays, so that a name that is created again continues
 * its version numbers. The current version is never removed: the statement checks it.
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
