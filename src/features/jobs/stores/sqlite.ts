import type { Database } from '../../../database/database.ts';
import { DEFAULT_KEEP_MS, DEFAULT_PATIENCE_MS } from '../machine.ts';
import { Waiting } from '../runner/waiting.ts';
import { JobIndex } from './job-index.ts';
import { JobRecords } from './records.ts';
import type { JobStore } from './store.ts';

/** Options of the store. */
export interface JobStoreOptions {
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
  /** Most queued and running jobs of an owner. */
  readonly maxWaiting?: number;
  /** ms that a job may wait for an unavailable service; default: a day. */
  readonly patienceMs?: number;
  /** ms that a job is kept after its end; default: 30 days. */
  readonly keepMs?: number;
}

/** A {@link JobStore} that lists the jobs to run. */
export interface SqliteJobStore extends JobStore {
  /** Ids of queued and running jobs, oldest first. */
  waiting(): Promise<readonly string[]>;
  /** Ids of ended jobs, latest first. */
  ended(most: number): Promise<readonly string[]>;
}

/** ms between reads while waiting for changes by other processes. */
const LOOK_MS = 1000;

/** Stores jobs in one SQLite database, which processes may share. */
export function sqliteJobStore(database: Database, options: JobStoreOptions = {}): SqliteJobStore {
  const { now = Date.now, maxWaiting } = options;
  const { patienceMs = DEFAULT_PATIENCE_MS, keepMs = DEFAULT_KEEP_MS } = options;
  const index = new JobIndex(database, now, maxWaiting);
  const records = new JobRecords(database, now);
  const waiting = new Waiting();
  return {
    async create(job) {
      const { request, idempotency: _, ...head } = job;
      const { id, createdAt, created } = await index.enter(job);
      const deadline = createdAt + patienceMs;
      return { job: await records.create({ ...head, id, createdAt, deadline, keepMs }, request), created };
    },
    async made(owner, idempotency) {
      const named = await index.named({ owner, idempotency });
      return named ? await records.find(named.id) : null;
    },
    find: (id) => records.find(id),
    load: (id) => records.load(id),
    async apply(id, asked, outcome) {
      const command = asked.type === 'retry' ? { ...asked, deadline: now() + patienceMs } : asked;
      const applied = await records.apply(id, command, outcome);
      // Update the index even after a rejected command, because an earlier process may have ended before it did.
      if (applied !== null && command.type !== 'step' && command.type !== 'hold')
        await index.note(applied.job);
      waiting.wake(id);
      return applied;
    },
    async events(id, after, signal) {
      const found = await records.events(id, after);
      if (found.length > 0 || signal?.aborted) return found;
      await waiting.wait(id, LOOK_MS, signal);
      return await records.events(id, after);
    },
    list: (query) => index.list(query),
    waiting: () => index.waiting(),
    ended: (most) => index.ended(most),
    expired: (at, most) => index.expired(at, most, (id) => records.find(id)),
    async forget(id) {
      // Delete the index entry last, because it shows that there is something to delete.
      await records.forget(id);
      await index.forget(id);
    },
    forgetKeys: (at) => index.forgetKeys(at),
  };
}
