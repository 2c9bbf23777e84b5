import { LRUCache } from 'lru-cache';
import { SoriError } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import type { Database, SqlRow } from '../../database/database.ts';
import { SCOPES, type Scope } from '../../http/access.ts';
import { hashApiKey, newApiKey, newKeyId } from './api-key.ts';

/** What a key may do and spend. */
export interface KeyGrant {
  /** For people. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Requests a minute; `undefined` = any number. */
  readonly requestsPerMinute?: number;
  /** Characters that may be synthesized in a month; `undefined` = any number. */
  readonly monthlyCharacters?: number;
}

/** A key as its owner may see it: without its secret. Times are ms since the epoch. */
export interface KeyRecord extends KeyGrant {
  readonly id: string;
  readonly createdAt: number;
  /** From then on it is refused. */
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** To the minute. */
  readonly lastUsedAt?: number;
}

/** A key that was just made. */
export interface NewKey {
  readonly record: KeyRecord;
  /** The key itself: this is the only time that it is known. */
  readonly key: string;
}

/** A hash that proves a key, and until when it does. */
export interface KeyProof {
  readonly hash: Uint8Array;
  readonly expiresAt?: number;
}

/** What is needed to check a key. */
export interface KnownKey {
  readonly record: KeyRecord;
  readonly proofs: readonly KeyProof[];
}

/** ms that a key's row is believed without another look: within this time a revocation takes effect everywhere. */
export const BELIEVED_MS = 30_000;
/** ms that it is believed while the database can't be reached. */
export const BELIEVED_AT_MOST_MS = 60_000;
/** ms that there is taken to be no key of an id. */
export const MISSING_MS = 10_000;

const MAX_KNOWN = 2_000;
const MAX_MISSING = 2_000;

const COLUMNS = `id, name, scopes, requests_per_minute, monthly_characters, created_at, expires_at, revoked_at, last_used_at`;

/** API keys in a database: only hashes of them are kept. What is read of it for checks is believed for {@link BELIEVED_MS}. */
export class ApiKeys {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #known = new LRUCache<string, { key: KnownKey; readAt: number }>({ max: MAX_KNOWN });
  // Apart from the known ones: whoever guesses ids must not push them out.
  readonly #missing = new LRUCache<string, number>({ max: MAX_MISSING });

  /** @param now ms since the epoch. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Makes a key.
   * @param lifeMs after which it is refused; `undefined` = never.
   */
  async create(grant: KeyGrant, lifeMs?: number): Promise<NewKey> {
    const id = newKeyId();
    const key = newApiKey(id);
    const now = this.#now();
    const expiresAt = lifeMs === undefined ? undefined : now + lifeMs;
    const record: KeyRecord = { id, ...grant, createdAt: now, expiresAt };
    const { name, scopes, requestsPerMinute, monthlyCharacters } = grant;
    await this.#database.batch([
      {
        sql: `INSERT INTO api_keys (id, name, scopes, requests_per_minute, monthly_characters, created_at, expires_at)
              VALUES (?, ?, ?, ?, ?, ?, ?)`,
        values: [
          id,
          name,
          JSON.stringify(scopes),
          requestsPerMinute ?? null,
          monthlyCharacters ?? null,
          now,
          expiresAt ?? null,
        ],
      },
      {
        sql: 'INSERT INTO api_key_secrets (key_id, hash, created_at) VALUES (?, ?, ?)',
        values: [id, toHex(await hashApiKey(key)), now],
      },
    ]);
    this.#forget(id);
    return { record, key };
  }

  /**
   * Lists keys, revoked and expired ones too; the newest first.
   * @param after id of the last key of the page before.
   */
  async list(limit: number, after?: string): Promise<KeyRecord[]> {
    const { rows } =
      after === undefined
        ? await this.#database.run(
            `SELECT ${COLUMNS} FROM api_keys ORDER BY created_at DESC, id DESC LIMIT ?`,
            limit,
          )
        : await this.#database.run(
            `SELECT ${COLUMNS} FROM api_keys
             WHERE (created_at, id) < (SELECT created_at, id FROM api_keys WHERE id = ?)
             ORDER BY created_at DESC, id DESC LIMIT ?`,
            after,
            limit,
          );
    return rows.map(recordOf);
  }

  /**
   * Looks a key up, past all memory.
   * @throws {SoriError} `unknown_api_key`.
   */
  async get(id: string): Promise<KeyRecord> {
    const key = await this.#read(id);
    if (key === undefined) throw unknown(id);
    return key.record;
  }

  /**
   * Gives a key a new secret; the old ones go on working for a while. Id, scopes, limits and usage stay.
   * @param overlapMs how long they do.
   * @throws {SoriError} `unknown_api_key` for none, and for one that is revoked or expired.
   */
  async rotate(id: string, overlapMs: number): Promise<NewKey> {
    const now = this.#now();
    const key = newApiKey(id);
    const live = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)';
    const [inserted] = await this.#database.batch([
      {
        sql: `INSERT INTO api_key_secrets (key_id, hash, created_at)
              SELECT id, ?, ? FROM api_keys WHERE id = ? AND ${live}`,
        values: [toHex(await hashApiKey(key)), now, id, now],
      },
      {
        sql: `UPDATE api_key_secrets SET expires_at = min(coalesce(expires_at, ?), ?)
              WHERE key_id = ? AND hash <> ?`,
        values: [now + overlapMs, now + overlapMs, id, toHex(await hashApiKey(key))],
      },
      {
        sql: 'DELETE FROM api_key_secrets WHERE key_id = ? AND expires_at <= ?',
        values: [id, now],
      },
    ]);
    this.#forget(id);
    if (inserted.changes === 0) throw unknown(id);
    return { record: await this.get(id), key };
  }

  /**
   * Ends a key for good: here at once, in other isolates when they look again, after {@link BELIEVED_MS} at most.
   * @throws {SoriError} `unknown_api_key`; revoking twice is no fault.
   */
  async revoke(id: string): Promise<void> {
    const { changes } = await this.#database.run(
      'UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?',
      this.#now(),
      id,
    );
    this.#forget(id);
    if (changes === 0) throw unknown(id);
  }

  /**
   * What a key of this id is checked by; out of memory where that is fresh enough.
   * @param believedMs ms within which memory is; {@link BELIEVED_MS} at most.
   */
  async find(id: string, believedMs = BELIEVED_MS): Promise<KnownKey | undefined> {
    const now = this.#now();
    const kept = this.#known.get(id);
    if (kept !== undefined && now - kept.readAt < believedMs) return kept.key;
    const missing = this.#missing.get(id);
    if (missing !== undefined && now - missing < MISSING_MS) return undefined;
    let key: KnownKey | undefined;
    try {
      key = await this.#read(id);
    } catch (error) {
      if (kept !== undefined && now - kept.readAt < BELIEVED_AT_MOST_MS) return kept.key;
      throw error;
    }
    if (key === undefined) {
      this.#known.delete(id);
      this.#missing.set(id, now);
    } else {
      this.#known.set(id, { key, readAt: now });
    }
    return key;
  }

  #forget(id: string): void {
    this.#known.delete(id);
    this.#missing.delete(id);
  }

  async #read(id: string): Promise<KnownKey | undefined> {
    const { rows } = await this.#database.run(
      `SELECT ${COLUMNS}, hash, secret_expires_at FROM api_keys
       LEFT JOIN (SELECT key_id, hash, expires_at AS secret_expires_at FROM api_key_secrets) ON key_id = id
       WHERE id = ?`,
      id,
    );
    if (rows.length === 0) return undefined;
    const proofs = rows.flatMap(({ hash, secret_expires_at }) =>
      hash === null ? [] : { hash: fromHex(String(hash)), expiresAt: optional(secret_expires_at) },
    );
    return { record: recordOf(rows[0]), proofs };
  }
}

function recordOf(row: SqlRow): KeyRecord {
  // A scope of a later version is none of this one.
  const scopes = JSON.parse(String(row.scopes)) as string[];
  return {
    id: String(row.id),
    name: String(row.name),
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    requestsPerMinute: optional(row.requests_per_minute),
    monthlyCharacters: optional(row.monthly_characters),
    createdAt: Number(row.created_at),
    expiresAt: optional(row.expires_at),
    revokedAt: optional(row.revoked_at),
    lastUsedAt: optional(row.last_used_at),
  };
}

const optional = (value: string | number | null): number | undefined =>
  value === null ? undefined : Number(value);

const unknown = (id: string) =>
  new SoriError(
    'unknown_api_key',
    `There is no live API key ${JSON.stringify(id)}; GET /v1/keys lists them.`,
  );
