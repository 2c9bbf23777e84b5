import { isFinal } from '../machine.ts';
import type { SqliteJobStore } from '../stores/sqlite.ts';
import type { JobQueue } from '../stores/store.ts';
import { type RunOptions, runJob } from './run.ts';

/** Options of the job runner. */
export interface NodeRunnerOptions extends Pick<RunOptions, 'work' | 'announce' | 'now'> {
  readonly store: SqliteJobStore;
  /** Jobs at once; default 4. */
  readonly concurrency?: number;
  /** ms before the first retry after a temporary error, doubled each time; default 500. */
  readonly backOffMs?: number;
  /** Called with errors. */
  readonly log?: (error: unknown) => void;
}

/** Runs jobs in this process. */
export interface NodeRunner extends JobQueue {
  /** Resumes jobs of an earlier process. One process at a time may run the jobs of a database. */
  resume(): Promise<void>;
  /** Starts no further job and stops the running ones, which can resume. */
  stop(): Promise<void>;
}

/** ms after which the end of a job is no longer reported. */
const REPORTED_MS = 3_600_000;
const DEFAULT_CONCURRENCY = 4;
const DEFAULT_BACK_OFF_MS = 500;
const MAX_BACK_OFF_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Makes a runner over an SQLite store. */
export function createNodeRunner(options: NodeRunnerOptions): NodeRunner {
  const { store, work, announce, concurrency = DEFAULT_CONCURRENCY, log = console.error } = options;
  const { backOffMs = DEFAULT_BACK_OFF_MS, now = Date.now } = options;
  const backOff = { firstMs: backOffMs, mostMs: MAX_BACK_OFF_MS };
  const queue: { id: string; force: boolean; tries: number }[] = [];
  const running = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  const stopping = new AbortController();
  const { signal } = stopping;

  const run = async (item: (typeof queue)[number]) => {
    const { id, force, tries } = item;
    try {
      const end = await runJob(id, { store, work, announce, signal, force, backOff, now, log });
      const job = end === 'waits' ? await store.find(id) : null;
      if (job?.retryAt !== undefined) later({ id, force: false, tries: 0 }, job.retryAt - now());
    } catch (error) {
      if (signal.aborted) return;
      log(error);
      later({ id, force: false, tries: tries + 1 }, Math.min(MAX_BACK_OFF_MS, backOffMs * 2 ** tries));
    }
  };
  const later = (item: (typeof queue)[number], ms: number) => {
    if (signal.aborted) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        add(item);
      },
      // A timer may fire a millisecond early.
      Math.min(LONGEST_TIMER_MS, Math.max(0, ms) + 1),
    );
    timers.add(timer);
  };
  const next = () => {
    while (!signal.aborted && running.size < concurrency && queue.length > 0) {
      const ended: Promise<void> = run(queue.shift()!).finally(() => {
        running.delete(ended);
        next();
      });
      running.add(ended);
    }
  };
  const add = (item: (typeof queue)[number]) => {
    queue.push(item);
    next();
  };

  return {
    async send(id) {
      add({ id, force: false, tries: 0 });
    },
    async resume() {
      for (const id of await store.waiting()) add({ id, force: true, tries: 0 });
      // The process that ended them may have stopped before it reported the end.
      for (const id of await store.ended(concurrency)) {
        const job = await store.find(id);
        if (job && isFinal(job.state) && (job.finishedAt ?? 0) > now() - REPORTED_MS) await announce?.(job);
      }
    },
    async stop() {
      stopping.abort(new DOMException('The server ends.', 'AbortError'));
      for (const timer of timers) clearTimeout(timer);
      await Promise.allSettled(running);
    },
  };
}
