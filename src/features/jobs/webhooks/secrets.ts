import type { Database } from '../../../database/database.ts';
import { newWebhookSecret } from './signature.ts';

/** The record of a secret without its value. Times are ms since the epoch. */
export interface SecretRecord {
  readonly createdAt: number;
  /** When it stops signing. */
  readonly expiresAt?: number;
}

/** Most active secrets. A further rotation during the overlap drops the oldest. */
const MOST_LIVE = 3;

const LIVE = '(expires_at IS NULL OR expires_at > ?)';

/** The secrets that sign webhooks: those of the API key, else those of the server. */
export class WebhookSecrets {
  readonly #database: Database;
  readonly #server: readonly string[];
  readonly #now: () => number;

  /**
   * @param server secrets for owners without their own; all of them sign.
   * @param now ms since the epoch.
   */
  constructor(database: Database, server: readonly string[] = [], now: () => number = Date.now) {
    this.#database = database;
    this.#server = server;
    this.#now = now;
  }

  /**
   * Creates a secret for an owner. Earlier ones also sign for a while.
   * @param overlapMs how long earlier ones sign.
   * @returns the secret, which cannot be read again.
   */
  async rotate(owner: string, overlapMs: number): Promise<SecretRecord & { secret: string }> {
    const now = this.#now();
    const secret = newWebhookSecret();
    await this.#database.batch([
      {
        sql: `UPDATE webhook_secrets SET expires_at = min(coalesce(expires_at, ?), ?) WHERE owner = ?`,
        values: [now + overlapMs, now + overlapMs, owner],
      },
      {
        sql: 'INSERT INTO webhook_secrets (owner, secret, created_at) VALUES (?, ?, ?)',
        values: [owner, secret, now],
      },
      {
        sql: `DELETE FROM webhook_secrets WHERE owner = ? AND (NOT ${LIVE} OR secret NOT IN (
                SELECT secret FROM webhook_secrets WHERE owner = ?
                ORDER BY expires_at IS NOT NULL, created_at DESC LIMIT ${MOST_LIVE}))`,
        values: [owner, now, owner],
      },
    ]);
    return { secret, createdAt: now };
  }

  /** An owner's secrets, newest first. */
  async list(owner: string): Promise<readonly SecretRecord[]> {
    return await this.#read(owner);
  }

  /** The active signing secrets of an owner, newest first; may be empty. */
  async signers(owner: string): Promise<readonly string[]> {
    const own = await this.#read(owner);
    return own.length > 0 ? own.map(({ secret }) => secret) : this.#server;
  }

  async #read(owner: string): Promise<(SecretRecord & { secret: string })[]> {
    const { rows } = await this.#database.run<{
      secret: string;
      created_at: number;
      expires_at: number | null;
    }>(
      `SELECT secret, created_at, expires_at FROM webhook_secrets WHERE owner = ? AND ${LIVE}
       ORDER BY expires_at IS NOT NULL, created_at DESC`,
      owner,
      this.#now(),
    );
    return rows.map(({ secret, created_at, expires_at }) => ({
      secret,
      createdAt: created_at,
      expiresAt: expires_at ?? undefined,
    }));
  }
}
