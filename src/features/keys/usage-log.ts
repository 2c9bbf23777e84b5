import type { Database, SqlValue, Statement } from '../../database/database.ts';
import type { RequestAccount } from '../../http/access.ts';

/** Sums of requests. */
export interface UsageSums {
  readonly requests: number;
  /** Requests answered with stored audio. */
  readonly cacheHits: number;
  /** Characters that were synthesized. */
  readonly characters: number;
  /** Milliseconds of audio in answers. */
  readonly audioMs: number;
}

/** Sums of a key, of a day or of both. */
export interface UsageRow extends UsageSums {
  readonly day?: string;
  readonly keyId?: string;
}

/** Filter and grouping of usage. */
export interface UsageQuery {
  /** First day, UTC: `2026-11-01`. */
  readonly from: string;
  /** Last day. */
  readonly to: string;
  readonly keyId?: string;
  readonly byDay: boolean;
  readonly byKey: boolean;
  /** Rows at most. */
  readonly limit: number;
}

/** ms between writes of a key's time of last use. */
const TOUCH_MS = 60_000;
/** ms after which a write counts as lost, because its request may have ended. */
const LOST_MS = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Entry extends Mutable<UsageSums> {
  readonly keyId: string;
  readonly day: string;
}

/** Usage by key and day in a database. Requests that end during a write are summed and written together. */
export class UsageLog {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #touched = new Map<string, number>();
  #pending = new Map<string, Entry>();
  #writingSince: number | undefined;

  /** @param now ms since the epoch. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Adds a request. Keep the request alive until this is done, because it may write for others.
   * @throws errors of the database; the data of this write is then lost.
   */
  async record(keyId: string, { characters = 0, audioMs = 0, cache }: RequestAccount): Promise<void> {
    const now = this.#now();
    const day = dayOf(now);
    const name = `${day} ${keyId}`;
    let entry = this.#pending.get(name);
    if (entry === undefined) {
      entry = { keyId, day, requests: 0, cacheHits: 0, characters: 0, audioMs: 0 };
      this.#pending.set(name, entry);
    }
    entry.requests++;
    if (cache === 'hit' || cache === 'coalesced') entry.cacheHits++;
    entry.characters += characters;
    entry.audioMs += Math.round(audioMs);
    if (this.#writingSince !== undefined && now - this.#writingSince < LOST_MS) return;
    await this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#pending.size > 0) {
        const entries = [...this.#pending.values()];
        this.#pending = new Map();
        this.#writingSince = this.#now();
        await this.#database.batch([...entries.map(addition), ...this.#touches(entries)]);
      }
    } finally {
      this.#writingSince = undefined;
    }
  }

  /** Times of last use of keys that were not written for a minute. */
  #touches(entries: readonly Entry[]): Statement[] {
    const now = this.#now();
    const due = new Set(entries.map(({ keyId }) => keyId).filter((id) => this.#isDue(id, now)));
    return [...due].map((id) => {
      this.#touched.set(id, now);
      return { sql: 'UPDATE api_keys SET last_used_at = ? WHERE id = ?', values: [now, id] };
    });
  }

  #isDue(id: string, now: number): boolean {
    if (now - (this.#touched.get(id) ?? Number.NEGATIVE_INFINITY) < TOUCH_MS) return false;
    // Remove idle keys from memory.
    for (const [other, time] of this.#touched) if (now - time >= TOUCH_MS) this.#touched.delete(other);
    return true;
  }

  /** Sums what is recorded, by day and key in their order. */
  async sum(query: UsageQuery): Promise<UsageRow[]> {
    const { from, to, keyId, byDay, byKey, limit } = query;
    const groups = [...(byDay ? ['day'] : []), ...(byKey ? ['key_id'] : [])];
    const values: SqlValue[] = [from, to];
    if (keyId !== undefined) values.push(keyId);
    const sums = ['requests', 'cache_hits', 'characters', 'audio_ms'].map(
      (name) => `sum(${name}) AS ${name}`,
    );
    const grouping = groups.length > 0 ? `GROUP BY ${groups.join(', ')} ORDER BY ${groups.join(', ')}` : '';
    const { rows } = await this.#database.run(
      `SELECT ${[...groups, ...sums].join(', ')} FROM usage_daily
       WHERE day BETWEEN ? AND ? ${keyId === undefined ? '' : 'AND key_id = ?'}
       ${grouping} LIMIT ?`,
      ...values,
      limit,
    );
    return rows.map((row) => ({
      ...(byDay && { day: String(row.day) }),
      ...(byKey && { keyId: String(row.key_id) }),
      requests: Number(row.requests),
      cacheHits: Number(row.cache_hits),
      characters: Number(row.characters),
      audioMs: Number(row.audio_ms),
    }));
  }
}

/** The day of a time, UTC: `2026-11-21`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function addition({ keyId, day, requests, cacheHits, characters, audioMs }: Entry): Statement {
  return {
    sql: `INSERT INTO usage_daily (key_id, day, requests, cache_hits, characters, audio_ms) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (day, key_id) DO UPDATE SET
            requests = requests + excluded.requests, cache_hits = cache_hits + excluded.cache_hits,
            characters = characters + excluded.characters, audio_ms = audio_ms + excluded.audio_ms`,
    values: [keyId, day, requests, cacheHits, characters, audioMs],
  };
}
