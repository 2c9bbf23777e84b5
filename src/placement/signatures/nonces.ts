import type { Database } from '../../database/database.ts';

/** Stores nonces, so that a repeated one is detected. */
export interface Nonces {
  /**
   * @param expires ms since the epoch, after which the nonce may be removed.
   * @param now ms since the epoch.
   * @returns `full` where no more can be stored.
   * @throws {SoriError} `storage_unavailable` when the storage does not answer.
   */
  remember(nonce: string, expires: number, now: number): NonceState | Promise<NonceState>;
}

/** State of a nonce in {@link Nonces}. */
export type NonceState = 'new' | 'seen' | 'full';

/** Rows that one statement removes: others write too. */
const BATCH = 5_000;

/**
 * Stores nonces in a database: across restarts, and for all processes that share it. One statement decides, so that of two requests that come
 * at once one is the first.
 *
 * @example
 * ```ts
 * const nonces = databaseNonces(database);
 * await nonces.remember('n1', now + 60_000, now); // 'new'
 * await nonces.remember('n1', now + 60_000, now); // 'seen'
 * ```
 */
export function databaseNonces(database: Database): Nonces {
  return {
    async remember(nonce, expires, now) {
      const { changes } = await database.run(
        `INSERT INTO origin_nonces (nonce, expires) VALUES (?, ?)
         ON CONFLICT (nonce) DO UPDATE SET expires = excluded.expires WHERE origin_nonces.expires <= ?`,
        nonce,
        expires,
        now,
      );
      return changes > 0 ? 'new' : 'seen';
    },
  };
}

/** A scheduled task that removes expired nonces. */
export function nonceTask(database: Database): (now: number) => Promise<number> {
  return async (now) => {
    let forgotten = 0;
    for (;;) {
      const { changes } = await database.run(
        `DELETE FROM origin_nonces
         WHERE nonce IN (SELECT nonce FROM origin_nonces WHERE expires <= ? LIMIT ${BATCH})`,
        now,
      );
      forgotten += changes;
      if (changes < BATCH) return forgotten;
    }
  };
}
