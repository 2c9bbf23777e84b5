import type { HousekeepingTask } from '../base/housekeeping.ts';
import type { Database } from '../database/database.ts';
import type { AudioLibrary } from './library.ts';
import type { AudioStore, StoredName, StoredNames } from './store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Pages of names per run, which bounds the calls of the store and of the database: a Worker may make a limited number. */
const PAGES = 8;
const PAGE = 1000;
/** Age in ms after which an unfinished removal counts as abandoned. */
const ABANDONED_MS = HOUR_MS;
/** Time in ms that removed keys are remembered; longer than baking a prompt takes. */
const REMEMBERED_MS = DAY_MS;

/** Options of {@link pruneAudio}. */
export interface AudioPruning {
  readonly database: Database;
  readonly store: AudioStore;
  readonly library: Pick<AudioLibrary, 'remove'>;
  /** Days that audio is kept after its last format was stored. */
  readonly days: number;
  /** Names per page and pages per run; default 1000 and 8. */
  readonly page?: number;
  readonly pages?: number;
}

/**
 * Removes old audio that is not referenced by a version of a prompt, nor by a cloned voice as its preview or as a recording
 * that is kept. A run looks at some thousand names; the next run continues after them and starts again at the end.
 *
 * Before a removal, one statement writes the key to `audio_removals` and checks that it is not referenced. So a key is either referenced
 * and stays, or no version of a prompt may reference it until it is removed (`Catalogue.put`). A process that ends in between leaves the key there, and
 * a later run removes the rest.
 */
export function pruneAudio(pruning: AudioPruning): HousekeepingTask {
  const { database, store, library, days, page = PAGE, pages = PAGES } = pruning;

  async function remove(keys: readonly string[], now: number): Promise<number> {
    if (keys.length === 0) return 0;
    await library.remove(keys);
    const done = `UPDATE audio_removals SET done_at = ? WHERE done_at IS NULL AND key IN (SELECT value FROM json_each(?))`;
    await database.run(done, now, JSON.stringify(keys));
    return keys.length;
  }

  return async (now) => {
    const abandoned = await database.run<{ key: string }>(ABANDONED, now - ABANDONED_MS);
    let removed = await remove(
      abandoned.rows.map(({ key }) => key),
      now,
    );
    let place = await placeOf(database);
    for (let left = pages; left > 0; left--) {
      const listed = await store.list(place, page);
      const { keys, next } = oldKeys(listed, now - days * DAY_MS);
      const claimed = await database.run<{ key: string }>(CLAIM, now, JSON.stringify(keys));
      removed += await remove(
        claimed.rows.map(({ key }) => key),
        now,
      );
      place = next ?? '';
      await database.run(SET_PLACE, place);
      if (next === undefined) break;
    }
    await database.run('DELETE FROM audio_removals WHERE done_at < ?', now - REMEMBERED_MS);
    return removed;
  };
}

const ABANDONED = `SELECT DISTINCT key FROM audio_removals WHERE done_at IS NULL AND begun_at < ? LIMIT ${PAGE}`;

/** Reads the tables of cloned voices as well, because one statement must see all references. */
const CLAIM = `INSERT INTO audio_removals (key, begun_at) SELECT k.value, ? FROM json_each(?) k
  WHERE NOT EXISTS (SELECT 1 FROM prompt_audio a WHERE a.key = k.value)
    AND NOT EXISTS (SELECT 1 FROM voice_audio v WHERE v.key = k.value AND v.kind = 'recording')
    AND NOT EXISTS (SELECT 1 FROM voices o WHERE o.preview = k.value)
    AND NOT EXISTS (SELECT 1 FROM audio_removals r WHERE r.key = k.value AND r.done_at IS NULL)
  RETURNING key`;

const SET_PLACE = `INSERT INTO housekeeping_places (chore, place) VALUES ('audio', ?)
  ON CONFLICT (chore) DO UPDATE SET place = excluded.place`;

async function placeOf(database: Database): Promise<string> {
  const sql = `SELECT place FROM housekeeping_places WHERE chore = 'audio'`;
  const { rows } = await database.run<{ place: string }>(sql);
  return rows[0]?.place ?? '';
}

/**
 * Finds keys whose names were all stored before a time. The names of a key are adjacent; those of the last key may continue on the next
 * page, which then begins with that key.
 */
function oldKeys({ names, next }: StoredNames, before: number): { keys: string[]; next: string | undefined } {
  const groups: { key: string; newest: number; last: StoredName }[] = [];
  for (const named of names) {
    const key = named.name.slice(0, named.name.indexOf('.'));
    const group = groups.at(-1)?.key === key ? groups.at(-1) : undefined;
    if (group) {
      group.newest = Math.max(group.newest, named.stored.getTime());
      group.last = named;
    } else groups.push({ key, newest: named.stored.getTime(), last: named });
  }
  const isCut = next !== undefined && groups.length > 1;
  const whole = isCut ? groups.slice(0, -1) : groups;
  // Keys are hashes; other names are not removed.
  const keys = whole.filter(({ key, newest }) => /^[0-9a-f]{64}$/.test(key) && newest < before);
  return { keys: keys.map(({ key }) => key), next: isCut ? whole.at(-1)?.last.name : next };
}
