import { SoriError } from '../../../base/errors.ts';
import type { Database, SqlValue } from '../../../database/database.ts';
import { expiryOf, type Job, type JobState } from '../machine.ts';
import type { JobQuery, JobRow, NewJob } from './store.ts';

/** Default number of queued and running jobs per owner. */
export const MAX_WAITING_JOBS = 1000;
/** ms that an idempotency key is remembered. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;

/** ms after which an entry without an update is checked, because its creator may have ended. */
const NEVER_MADE_MS = 3_600_000;

const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Makes a random id of 120 bits. */
export function newJobId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return `job_${Array.from(bytes, (byte) => ID_ALPHABET[byte & 31]).join('')}`;
}

/** Whether a text may be a job's id. */
export const isJobId = (text: string): boolean => /^job_[0-9a-hjkmnp-tv-z]{24}$/.test(text);

/** The index of jobs with their owners and idempotency keys. */
export class JobIndex {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #maxWaiting: number;

  /** @param now ms since the epoch. */
  constructor(database: Database, now: () => number, maxWaiting = MAX_WAITING_JOBS) {
    this.#database = database;
    this.#now = now;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Adds a job, or finds the one with its idempotency key.
   * @throws {SoriError} `idempotency_mismatch`, `too_many_jobs`.
   */
  async enter(job: NewJob): Promise<{ id: string; createdAt: number; created: boolean }> {
    const made = await this.named(job);
    if (made !== undefined) return made;
    const id = newJobId();
    const { owner, kind, createdAt, idempotency } = job;
    const waiting = `(SELECT count(*) FROM jobs WHERE owner = ? AND state IN ('queued', 'running')) < ?`;
    const entry = {
      sql: `INSERT INTO jobs (id, owner, kind, state, created_at) SELECT ?, ?, ?, 'queued', ? WHERE ${waiting}`,
      values: [id, owner, kind, createdAt, owner, this.#maxWaiting],
    };
    const { key = '', digest = '' } = idempotency ?? {};
    const results = await this.#database.batch(
      idempotency === undefined
        ? [entry]
        : [
            {
              sql: `INSERT INTO job_idempotency (owner, key, digest, job_id, created_at) SELECT ?, ?, ?, ?, ? WHERE ${waiting}
                    ON CONFLICT (owner, key) DO UPDATE SET digest = excluded.digest, job_id = excluded.job_id,
                      created_at = excluded.created_at WHERE job_idempotency.created_at <= ?`,
              values: [
                ...[owner, key, digest, id, createdAt, owner, this.#maxWaiting],
                this.#now() - IDEMPOTENCY_MS,
              ],
            },
            {
              sql: `${entry.sql} AND EXISTS (SELECT 1 FROM job_idempotency WHERE owner = ? AND key = ? AND job_id = ?)`,
              values: [...entry.values, owner, key, id],
            },
          ],
    );
    if (results[results.length - 1].changes > 0) return { id, createdAt, created: true };
    // Another with the same key may have been quicker.
    const other = await this.named(job);
    if (other !== undefined) return other;
    const message = `${this.#maxWaiting} jobs of this key are queued or running; wait until some have ended.`;
    throw new SoriError('too_many_jobs', message);
  }

  /** Updates the state of a job, unless the index has a newer one. */
  async note(job: Job): Promise<void> {
    const { id, state, events } = job;
    await this.#database.run(
      'UPDATE jobs SET state = ?, events = ?, expires_at = ? WHERE id = ? AND events < ?',
      state,
      events,
      expiryOf(job) ?? null,
      id,
      events,
    );
  }

  async list({ owner, state, after, limit }: JobQuery): Promise<JobRow[]> {
    const filters = ['owner = ?'];
    const values: SqlValue[] = [owner];
    if (state !== undefined) {
      filters.push('state = ?');
      values.push(state);
    }
    if (after !== undefined) {
      filters.push('(created_at, id) < (SELECT created_at, id FROM jobs WHERE id = ? AND owner = ?)');
      values.push(after, owner);
    }
    const { rows } = await this.#database.run<Row>(
      `SELECT id, kind, state, created_at FROM jobs WHERE ${filters.join(' AND ')}
       ORDER BY created_at DESC, id DESC LIMIT ?`,
      ...values,
      limit,
    );
    if (rows.length === 0 && after !== undefined) await this.#checkListed(after, owner);
    return rows.map(({ id, kind, state, created_at }) => ({ id, kind, state, createdAt: created_at }));
  }

  /** An unknown `after` must not look like the end of the list. */
  async #checkListed(id: string, owner: string): Promise<void> {
    const sql = 'SELECT 1 FROM jobs WHERE id = ? AND owner = ?';
    if ((await this.#database.run(sql, id, owner)).rows.length > 0) return;
    const message = 'after must be next of the previous page, and that job does not exist (any more).';
    throw new SoriError('invalid_value', message, { param: 'after' });
  }

  /**
   * Ids of expired jobs.
   * @param find looks up the job of an old entry, because its creator may have ended before the job was stored.
   */
  async expired(
    now: number,
    most: number,
    find: (id: string) => Promise<Job | null>,
  ): Promise<readonly string[]> {
    const ended = await this.#database.run<{ id: string }>(
      'SELECT id FROM jobs WHERE expires_at <= ? ORDER BY expires_at LIMIT ?',
      now,
      most,
    );
    const ids = ended.rows.map(({ id }) => id);
    const old = await this.#database.run<{ id: string }>(
      `SELECT id FROM jobs WHERE state IN ('queued', 'running') AND events = 0 AND created_at <= ?
       ORDER BY created_at LIMIT ?`,
      now - NEVER_MADE_MS,
      most - ids.length,
    );
    for (const { id } of old.rows) {
      const job = await find(id);
      if (job === null) ids.push(id);
      else await this.note(job);
    }
    return ids;
  }

  /** Deletes a job's entry and its idempotency key. */
  async forget(id: string): Promise<void> {
    await this.#database.batch([
      { sql: 'DELETE FROM job_idempotency WHERE job_id = ?', values: [id] },
      { sql: 'DELETE FROM jobs WHERE id = ?', values: [id] },
    ]);
  }

  /** Deletes idempotency keys that are older than a day. @returns how many. */
  async forgetKeys(now: number): Promise<number> {
    const sql = 'DELETE FROM job_idempotency WHERE created_at <= ?';
    return (await this.#database.run(sql, now - IDEMPOTENCY_MS)).changes;
  }

  /** Ids of unfinished jobs, oldest first. */
  async waiting(): Promise<string[]> {
    const { rows } = await this.#database.run<{ id: string }>(
      `SELECT id FROM jobs WHERE state IN ('queued', 'running') ORDER BY created_at, id`,
    );
    return rows.map(({ id }) => id);
  }

  /** Ids of ended jobs, latest first. */
  async ended(most: number): Promise<string[]> {
    const { rows } = await this.#database.run<{ id: string }>(
      'SELECT id FROM jobs WHERE expires_at IS NOT NULL ORDER BY expires_at DESC LIMIT ?',
      most,
    );
    return rows.map(({ id }) => id);
  }

  /**
   * The job of an idempotency key.
   * @throws {SoriError} `idempotency_mismatch`.
   */
  async named({ owner, idempotency }: Pick<NewJob, 'owner' | 'idempotency'>) {
    if (idempotency === undefined) return undefined;
    const { rows } = await this.#database.run<{ digest: string; job_id: string; created_at: number }>(
      'SELECT digest, job_id, created_at FROM job_idempotency WHERE owner = ? AND key = ? AND created_at > ?',
      owner,
      idempotency.key,
      this.#now() - IDEMPOTENCY_MS,
    );
    const [row] = rows;
    if (row === undefined) return undefined;
    if (row.digest === idempotency.digest) {
      return { id: row.job_id, createdAt: row.created_at, created: false };
    }
    const message = 'This Idempotency-Key was sent with another body before; each job needs a new one.';
    throw new SoriError('idempotency_mismatch', message);
  }
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly created_at: number;
}
