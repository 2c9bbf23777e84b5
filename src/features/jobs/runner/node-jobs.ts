import type { Database } from '../../../database/database.ts';
import type { Jobs } from '../jobs.ts';
import type { JobOutputs } from '../outputs/outputs.ts';
import { type JobStoreOptions, sqliteJobStore } from '../stores/sqlite.ts';
import { createNodeRunner, type NodeRunner, type NodeRunnerOptions } from './node-runner.ts';

/** Options of {@link createNodeJobs}. */
export interface NodeJobsOptions
  extends JobStoreOptions,
    Pick<NodeRunnerOptions, 'concurrency' | 'backOffMs' | 'log'> {
  /** An SQLite database; one process at a time runs its jobs. */
  readonly database: Database;
  readonly outputs: JobOutputs;
}

/** Jobs that run in this process. */
export interface NodeJobs extends Jobs {
  /** Stops running jobs. They resume when a process with the same database starts. */
  stop(): Promise<void>;
}

/**
 * Makes jobs in an SQLite database that run in this process. Unfinished jobs of an earlier process resume when the app starts.
 *
 * @example
 * ```ts
 * const jobs = createNodeJobs({ database, outputs: fileOutputs('state/jobs') });
 * const app = createApp({ access, engine, createEncoder, library, database, jobs });
 * ```
 */
export function createNodeJobs({ database, outputs, ...options }: NodeJobsOptions): NodeJobs {
  const store = sqliteJobStore(database, options);
  let runner: NodeRunner | undefined;
  return {
    store,
    outputs,
    parts: new Map(),
    queue: { send: async (id) => await runner?.send(id) },
    employ(work, announce) {
      const { concurrency, backOffMs, now, log = console.error } = options;
      runner = createNodeRunner({ store, work, announce, concurrency, backOffMs, now, log });
      runner.resume().catch(log);
    },
    stop: async () => await runner?.stop(),
  };
}
