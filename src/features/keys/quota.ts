import { SoriError } from '../../base/errors.ts';
import type { Database } from '../../database/database.ts';
import type { QuotaState } from '../../http/access.ts';

/** Thrown when a request exceeds the monthly quota. */
export class QuotaExceeded extends SoriError {
  /** The state of the quota without the refused request. */
  readonly quota: QuotaState;

  constructor(quota: QuotaState, asked: number) {
    const { used, limit, month } = quota;
    super(
      'insufficient_quota',
      `You exceeded your current quota: this request needs ${asked} characters, and ${used} of ${limit} are used in ${month}.`,
    );
    this.quota = quota;
  }
}

/** Monthly quotas (UTC) of keys, counted in the database so that all isolates share them. */
export class Quotas {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now ms since the epoch. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Reserves characters of a key's month, all or none.
   * @param limit characters a month.
   * @throws {QuotaExceeded}
   */
  async reserve(keyId: string, limit: number, characters: number): Promise<QuotaState> {
    const month = monthOf(this.#now());
    // One statement checks and reserves, so that two isolates cannot reserve the same characters.
    const { rows } = await this.#database.run<{ characters: number }>(
      `INSERT INTO quota_months (key_id, month, characters) SELECT ?, ?, ? WHERE ? <= ?
       ON CONFLICT (key_id, month) DO UPDATE SET characters = characters + excluded.characters
       WHERE characters + excluded.characters <= ?
       RETURNING characters`,
      keyId,
      month,
      characters,
      characters,
      limit,
      limit,
    );
    if (rows.length > 0) return { used: rows[0].characters, limit, month };
    throw new QuotaExceeded({ used: await this.#used(keyId, month), limit, month }, characters);
  }

  /** Refunds characters to their month. */
  async refund(keyId: string, characters: number, month: string): Promise<void> {
    await this.#database.run(
      'UPDATE quota_months SET characters = max(0, characters - ?) WHERE key_id = ? AND month = ?',
      characters,
      keyId,
      month,
    );
  }

  async #used(keyId: string, month: string): Promise<number> {
    const { rows } = await this.#database.run<{ characters: number }>(
      'SELECT characters FROM quota_months WHERE key_id = ? AND month = ?',
      keyId,
      month,
    );
    return rows[0]?.characters ?? 0;
  }
}

/** The calendar month of a time, UTC: `2026-11`. */
export const monthOf = (time: number): string => new Date(time).toISOString().slice(0, 7);
