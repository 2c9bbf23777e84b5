import { SoriError } from '../../../base/errors.ts';
import type { Database, Statement } from '../../../database/database.ts';
import {
  type Applied,
  applyCommand,
  type Job,
  type JobCommand,
  type JobEvent,
  type JobHead,
  newJob,
} from '../machine.ts';
import type { JobRecord, JobRequest, StepOutcome } from './store.ts';

/** Attempts of a write that conflicts with another one. */
const ATTEMPTS = 20;

/** The tables of a Durable Object that holds a job, as migration 0003 makes them elsewhere. */
export const RECORD_TABLES = [
  `CREATE TABLE IF NOT EXISTS job_records (
  id      TEXT    NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  job     TEXT    NOT NULL,
  request TEXT    NOT NULL
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS job_outcomes (
  job_id  TEXT    NOT NULL,
  step    INTEGER NOT NULL,
  outcome TEXT    NOT NULL,
  PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS job_events (
  job_id TEXT    NOT NULL,
  id     INTEGER NOT NULL,
  event  TEXT    NOT NULL,
  PRIMARY KEY (job_id, id)
) STRICT, WITHOUT ROWID`,
];

/** Stores jobs with their requests, outcomes and events in the tables of migration 0003. */
export class JobRecords {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now ms since the epoch. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Stores a new job, unless it exists. */
  async create(head: JobHead, request: JobRequest): Promise<Job> {
    const { job, event } = newJob(head);
    await this.#database.batch([
      {
        sql: 'INSERT INTO job_records (id, version, job, request) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING',
        values: [head.id, JSON.stringify(job), JSON.stringify(request)],
      },
      {
        sql: 'INSERT INTO job_events (job_id, id, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        values: [head.id, event.id, JSON.stringify(event)],
      },
    ]);
    return (await this.find(head.id)) ?? job;
  }

  async find(id: string): Promise<Job | null> {
    return (await this.#read(id))?.job ?? null;
  }

  async load(id: string): Promise<JobRecord | null> {
    const found = await this.#database.run<{ job: string; request: string }>(
      'SELECT job, request FROM job_records WHERE id = ?',
      id,
    );
    const [row] = found.rows;
    if (row === undefined) return null;
    const { rows } = await this.#database.run<{ outcome: string }>(
      'SELECT outcome FROM job_outcomes WHERE job_id = ? ORDER BY step',
      id,
    );
    const outcomes = rows.map(({ outcome }) => JSON.parse(outcome) as StepOutcome);
    return { job: JSON.parse(row.job), request: JSON.parse(row.request), outcomes };
  }

  /** Applies a command. The change is written in one transaction, and only over the state it was decided on. */
  async apply(id: string, command: JobCommand, outcome?: StepOutcome): Promise<Applied | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await this.#read(id);
      if (read === null) return null;
      const applied = applyCommand(read.job, command, this.#now());
      if (applied.refused !== undefined) return applied;
      if (await this.#write(read.version, applied, command, outcome)) return applied;
    }
    throw new SoriError('storage_unavailable', 'Too many concurrent writes to this job; try again.');
  }

  async events(id: string, after: number): Promise<JobEvent[]> {
    const { rows } = await this.#database.run<{ event: string }>(
      'SELECT event FROM job_events WHERE job_id = ? AND id > ? ORDER BY id',
      id,
      after,
    );
    return rows.map(({ event }) => JSON.parse(event) as JobEvent);
  }

  /** Deletes a job. */
  async forget(id: string): Promise<void> {
    await this.#database.batch([
      { sql: 'DELETE FROM job_events WHERE job_id = ?', values: [id] },
      { sql: 'DELETE FROM job_outcomes WHERE job_id = ?', values: [id] },
      { sql: 'DELETE FROM job_records WHERE id = ?', values: [id] },
    ]);
  }

  async #read(id: string): Promise<{ job: Job; version: number } | null> {
    const sql = 'SELECT job, version FROM job_records WHERE id = ?';
    const { rows } = await this.#database.run<{ job: string; version: number }>(sql, id);
    return rows.length === 0 ? null : { job: JSON.parse(rows[0].job), version: rows[0].version };
  }

  /** @returns false if another writer was first; then nothing was changed. */
  async #write(
    version: number,
    { job, event }: { job: Job; event?: JobEvent },
    command: JobCommand,
    outcome?: StepOutcome,
  ): Promise<boolean> {
    const current = 'SELECT 1 FROM job_records WHERE id = ? AND version = ?';
    const statements: Statement[] = [];
    if (event !== undefined) {
      statements.push({
        sql: `INSERT INTO job_events (job_id, id, event) SELECT ?, ?, ? WHERE EXISTS (${current})`,
        values: [job.id, event.id, JSON.stringify(event), job.id, version],
      });
    }
    if (command.type === 'step') {
      statements.push({
        sql: `INSERT INTO job_outcomes (job_id, step, outcome) SELECT ?, ?, ? WHERE EXISTS (${current})`,
        values: [job.id, command.index, JSON.stringify(outcome ?? {}), job.id, version],
      });
    }
    statements.push({
      sql: 'UPDATE job_records SET job = ?, version = version + 1 WHERE id = ? AND version = ?',
      values: [JSON.stringify(job), job.id, version],
    });
    const results = await this.#database.batch(statements);
    return results[results.length - 1].changes > 0;
  }
}
