import type { HousekeepingTask } from '../base/housekeeping.ts';
import type { Database } from '../database/database.ts';
import type { AudioLibrary } from './library.ts';
import type { AudioStore, StoredName, StoredNames } from './store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Names that a round looks at: some calls of the store and of the database each, of which a Worker has so many to spend. */
const PAGES = 8;
const PAGE = 1000;
/** Nobody has been removing for so long, ms: whoever began is dead. */
const ABANDONED_MS = HOUR_MS;
/** What was removed is remembered longer than it takes anybody to bake a prompt, ms. */
const REMEMBERED_MS = DAY_MS;

/** What {@link pruneAudio} needs. */
export interface AudioPruning {
  readonly database: Database;
  readonly store: AudioStore;
  readonly library: Pick<AudioLibrary, 'remove'>;
  /** Days that audio is kept after it was stored in its last format. */
  readonly days: number;
  /** Names on a page, and pages in a round; default 1000 and 8. */
  readonly page?: number;
  readonly pages?: number;
}

/**
 * Removes audio that was stored long ago and that nothing names: no version of a prompt, no cloned voice as its preview or as a recording
 * that was to be kept. A round looks at some thousand names; the next goes on behind them, and at the end begins anew.
 *
 * Before anything is removed, its key is in `audio_removals`, from one statement that also asks whether it is named: so it is either named
 * and stays, or no version of a prompt may name it until it is gone (`Catalogue.put`). Whoever dies in between leaves the key there, and
 * a later round removes what is left.
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

/** Tables of cloned voices are looked at here, where a statement must see all at once. */
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
 * Keys all of whose names were stored before a time. The names of a key follow each other; those of the last one may go on on the next
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
  // Keys are hashes; whatever else somebody has stored here is not for this to remove.
  const keys = whole.filter(({ key, newest }) => /^[0-9a-f]{64}$/.test(key) && newest < before);
  return { keys: keys.map(({ key }) => key), next: isCut ? whole.at(-1)?.last.name : next };
}
