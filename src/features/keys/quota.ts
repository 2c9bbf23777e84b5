import { SoriError } from '../../base/errors.ts';
import type { Database } from '../../database/database.ts';
import type { QuotaState } from '../../http/access.ts';

/** A key whose characters of a month are limited. */
export interface QuotaHolder {
  readonly id: string;
  /** Characters a month. */
  readonly limit: number;
}

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
   * Reserves characters of the month of every holder, or of none.
   * @param holders the key that spends and those above it, as far as they have a limit; one at least.
   * @returns the state of the holder with the fewest characters left.
   * @throws {QuotaExceeded} for the first holder that has too few left.
   */
  async reserve(holders: readonly QuotaHolder[], characters: number): Promise<QuotaState> {
    const month = monthOf(this.#now());
    // One statement checks and reserves, so that two isolates cannot reserve the same characters.
    const { rows } = await this.#database.run<{ key_id: string; characters: number }>(
      `WITH holders AS (SELECT value ->> 'id' AS id, value ->> 'limit' AS quota FROM json_each(?)),
            standing AS (SELECT id, quota, coalesce(characters, 0) AS used
                         FROM holders LEFT JOIN quota_months ON key_id = id AND month = ?)
       INSERT INTO quota_months (key_id, month, characters)
       SELECT id, ?, ? FROM holders WHERE NOT EXISTS (SELECT 1 FROM standing WHERE used + ? > quota)
       ON CONFLICT (key_id, month) DO UPDATE SET characters = characters + excluded.characters
       RETURNING key_id, characters`,
      JSON.stringify(holders),
      month,
      month,
      characters,
      characters,
    );
    const used = rows.length > 0 ? usedIn(rows) : await this.#used(holders, month);
    const states = holders.map(({ id, limit }) => ({ used: used.get(id) ?? 0, limit, month }));
    if (rows.length > 0) return states.reduce((least, state) => (left(state) < left(least) ? state : least));
    const exceeded = states.find((state) => left(state) < characters) ?? states[0];
    throw new QuotaExceeded(exceeded, characters);
  }

  /** Refunds characters to their month. */
  async refund(ids: readonly string[], characters: number, month: string): Promise<void> {
    await this.#database.run(
      `UPDATE quota_months SET characters = max(0, characters - ?)
       WHERE key_id IN (SELECT value FROM json_each(?)) AND month = ?`,
      characters,
      JSON.stringify(ids),
      month,
    );
  }

  async #used(holders: readonly QuotaHolder[], month: string): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#database.run<{ key_id: string; characters: number }>(
      'SELECT key_id, characters FROM quota_months WHERE key_id IN (SELECT value FROM json_each(?)) AND month = ?',
      JSON.stringify(holders.map(({ id }) => id)),
      month,
    );
    return usedIn(rows);
  }
}

const usedIn = (rows: readonly { key_id: string; characters: number }[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ key_id, characters }) => [key_id, characters]));

const left = ({ used, limit }: QuotaState): number => limit - used;

/** The calendar month of a time, UTC: `2026-11`. */
export const monthOf = (time: number): string => new Date(time).toISOString().slice(0, 7);
