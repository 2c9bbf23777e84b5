import type { Database } from '../../../database/database.ts';
import { DEFAULT_KEEP_MS, DEFAULT_PATIENCE_MS } from '../machine.ts';
import { Waiting } from '../runner/waiting.ts';
import { JobIndex } from './job-index.ts';
import { JobRecords } from './records.ts';
import type { JobStore } from './store.ts';

/** How a store is made. */
export interface JobStoreOptions {
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
  /** Jobs of one owner that may wait or run at once. */
  readonly maxWaiting?: number;
  /** ms for which a job may wait for what is away; default: a day. */
  readonly patienceMs?: number;
  /** ms for which a job is kept after its end; default: 30 days. */
  readonly keepMs?: number;
}

/** A {@link JobStore} that knows which jobs are to be run. */
export interface SqliteJobStore extends JobStore {
  /** Ids of jobs that are queued or running, the oldest first. */
  waiting(): Promise<readonly string[]>;
  /** Ids of jobs that have ended, the last first. */
  ended(most: number): Promise<readonly string[]>;
}

/** ms after which one who waits looks whether another process has done something. */
const LOOK_MS = 1000;

/** Keeps jobs in one SQLite database, which processes may share. */
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
      // Told even of what was refused: whoever carried it out may have died before the index knew.
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
      // The index last: as long as it is there, it is known that there is something to delete.
      await records.forget(id);
      await index.forget(id);
    },
    forgetKeys: (at) => index.forgetKeys(at),
  };
}
