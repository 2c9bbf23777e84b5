import { LRUCache } from 'lru-cache';
import { SoriError } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import type { Database, SqlRow } from '../../database/database.ts';
import { SCOPES, type Scope } from '../../http/access.ts';
import { hashApiKey, newApiKey, newKeyId } from './api-key.ts';

/** The permissions and limits of a key. */
export interface KeyGrant {
  /** For people. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Requests a minute; `undefined` = any number. */
  readonly requestsPerMinute?: number;
  /** Characters that may be synthesized in a month; `undefined` = any number. */
  readonly monthlyCharacters?: number;
}

/** The record of a key without its secret. Times are ms since the epoch. */
export interface KeyRecord extends KeyGrant {
  readonly id: string;
  readonly createdAt: number;
  /** The key that made it; `undefined` for one that the administrator made. */
  readonly parentId?: string;
  /** When it expires. */
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** To the minute. */
  readonly lastUsedAt?: number;
}

/** A new key. */
export interface NewKey {
  readonly record: KeyRecord;
  /** The key itself, which cannot be read again. */
  readonly key: string;
}

/** The hash of a secret and its expiry. */
export interface KeyProof {
  readonly hash: Uint8Array;
  readonly expiresAt?: number;
}

/** The data that verifies a key. */
export interface KnownKey {
  readonly record: KeyRecord;
  readonly proofs: readonly KeyProof[];
}

/** ms that a key's row is cached: the time until a revocation takes effect everywhere. */
export const BELIEVED_MS = 30_000;
/** ms that it is cached while the database cannot be reached. */
export const BELIEVED_AT_MOST_MS = 60_000;
/** ms that an unknown id is cached. */
export const MISSING_MS = 10_000;

/** Most keys above a key. */
const MAX_PARENTS = 8;
const MAX_KNOWN = 2_000;
const MAX_MISSING = 2_000;

const COLUMNS = `id, name, scopes, requests_per_minute, monthly_characters, created_at, expires_at, revoked_at, last_used_at, parent_id`;

/** API keys in a database, as hashes. Rows are cached for {@link BELIEVED_MS}. */
export class ApiKeys {
  readonly #database: Database;
  readonly #now: () => number;
  // With `max`, the caches would allocate room for all entries at once.
  readonly #known = new LRUCache<string, { key: KnownKey; readAt: number }>({
    maxSize: MAX_KNOWN,
    sizeCalculation: () => 1,
  });
  // A separate cache, so that guessed ids cannot evict known ones.
  readonly #missing = new LRUCache<string, number>({ maxSize: MAX_MISSING, sizeCalculation: () => 1 });

  /** @param now ms since the epoch. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Creates a key.
   * @param lifeMs lifetime in ms; `undefined` = unlimited.
   * @param parentId the key that makes it; ignored if it is not stored here.
   * @throws {SoriError} `invalid_value` for a key that would have more than eight above it.
   */
  async create(grant: KeyGrant, lifeMs?: number, parentId?: string): Promise<NewKey> {
    const parent = parentId === undefined ? undefined : (await this.#read(parentId))?.record;
    if (parent && (await this.parents(parent)).length >= MAX_PARENTS) {
      throw new SoriError('invalid_value', `A key with ${MAX_PARENTS} keys above it cannot create keys.`);
    }
    const id = newKeyId();
    const key = newApiKey(id);
    const now = this.#now();
    const expiresAt = lifeMs === undefined ? undefined : now + lifeMs;
    const record: KeyRecord = { id, ...grant, createdAt: now, expiresAt, parentId: parent?.id };
    const { name, scopes, requestsPerMinute, monthlyCharacters } = grant;
    await this.#database.batch([
      {
        sql: `INSERT INTO api_keys (id, name, scopes, requests_per_minute, monthly_characters, created_at, expires_at, parent_id)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        values: [
          id,
          name,
          JSON.stringify(scopes),
          requestsPerMinute ?? null,
          monthlyCharacters ?? null,
          now,
          expiresAt ?? null,
          parent?.id ?? null,
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

  /** The keys above a key: the one that made it first. */
  async parents({ parentId }: Pick<KeyRecord, 'parentId'>): Promise<KeyRecord[]> {
    const above: KeyRecord[] = [];
    for (let id = parentId; id !== undefined && above.length < MAX_PARENTS; id = above.at(-1)?.parentId) {
      const known = await this.find(id);
      if (known === undefined) break;
      above.push(known.record);
    }
    return above;
  }

  /**
   * Lists keys, including revoked and expired ones, newest first.
   * @param after id of the last key of the previous page.
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
   * Reads a key without the cache.
   * @throws {SoriError} `unknown_api_key`.
   */
  async get(id: string): Promise<KeyRecord> {
    const key = await this.#read(id);
    if (key === undefined) throw unknown(id);
    return key.record;
  }

  /**
   * Gives a key a new secret; old ones stay valid for a while. Id, scopes, limits and usage stay.
   * @param overlapMs how long they do.
   * @throws {SoriError} `unknown_api_key` for an unknown, revoked or expired key.
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
   * Revokes a key: here at once, in other isolates after at most {@link BELIEVED_MS}.
   * @throws {SoriError} `unknown_api_key`; revoking twice is no error.
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
   * The verification data of a key, from the cache if that is fresh enough.
   * @param believedMs largest age of the cached data in ms; at most {@link BELIEVED_MS}.
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
  // Ignore scopes of a later version.
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
    parentId: row.parent_id === null ? undefined : String(row.parent_id),
  };
}

const optional = (value: string | number | null): number | undefined =>
  value === null ? undefined : Number(value);

const unknown = (id: string) =>
  new SoriError(
    'unknown_api_key',
    `Unknown or inactive API key ${JSON.stringify(id)}; GET /v1/keys lists them.`,
  );
