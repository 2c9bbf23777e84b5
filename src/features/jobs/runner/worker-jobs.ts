import { SoriError } from '../../../base/errors.ts';
import type { Database } from '../../../database/database.ts';
import type { Announce, Jobs } from '../jobs.ts';
import { isFinal } from '../machine.ts';
import type { JobOutputs } from '../outputs/outputs.ts';
import { durableJobStore } from '../stores/durable-object.ts';
import { JobIndex } from '../stores/job-index.ts';
import type { JobStoreOptions } from '../stores/sqlite.ts';
import type { JobMessage, JobObject } from './job-object.ts';
import { faultOf, type JobWork, runJob } from './run.ts';

/** Options of {@link createWorkerJobs}. */
export interface WorkerJobsOptions extends JobStoreOptions {
  readonly objects: DurableObjectNamespace<JobObject>;
  readonly queue: Queue<JobMessage>;
  readonly database: Database;
  readonly outputs: JobOutputs;
  /** ms of work per message before the rest is put into another message; default 2 minutes. */
  readonly roundMs?: number;
  readonly log?: (error: unknown) => void;
}

/** Jobs of a Worker and the consumers of its queues. */
export interface WorkerJobs extends Jobs {
  /**
   * Queues the jobs again that no runner has and that wait for nothing: their messages ended with the process that held the queue,
   * as wrangler's local one does.
   */
  resume(): Promise<void>;
  /** Runs the jobs of a batch. */
  consume(batch: MessageBatch<JobMessage>): Promise<void>;
  /** Fails jobs whose messages became dead letters. */
  bury(batch: MessageBatch<JobMessage>): Promise<void>;
}

/** Most characters for a telephony format, whose loudness is adjusted in memory, together with the model. */
const LONGEST_IN_MEMORY = 5000;
/** A consumer has 5 minutes of processor time per batch (`limits` in wrangler.toml); a step may take one minute. */
const ROUND_MS = 2 * 60_000;
/** Seconds before a message is retried whose job's state could not be written, doubled each time. */
const BACK_OFF = { first: 5, most: 600 } as const;

/**
 * Makes jobs in Durable Objects that a queue delivers. A message is dropped when its job has ended, has another runner or waits for a retry:
 * the job's alarm handles that. A message is retried when the job's state could not be written.
 */
export function createWorkerJobs(options: WorkerJobsOptions): WorkerJobs {
  const { objects, queue, database, outputs, roundMs = ROUND_MS, log = console.error } = options;
  const store = durableJobStore(objects, database, options);
  const index = new JobIndex(database, Date.now);
  let employed: { work: JobWork; announce: Announce } | undefined;
  const run = async (message: Message<JobMessage>): Promise<void> => {
    if (employed === undefined) throw new TypeError('createWorkerJobs() was used before employ().');
    const id = message.body.job;
    try {
      const end = await runJob(id, { store, ...employed, until: Date.now() + roundMs, log });
      if (end === 'more') await queue.send({ job: id });
      message.ack();
    } catch (error) {
      log(error);
      const delaySeconds = Math.min(BACK_OFF.most, BACK_OFF.first * 2 ** (message.attempts - 1));
      message.retry({ delaySeconds });
    }
  };
  return {
    store,
    outputs,
    longestInMemory: LONGEST_IN_MEMORY,
    queue: {
      async send(id) {
        try {
          await queue.send({ job: id });
        } catch (cause) {
          throw new SoriError('storage_unavailable', 'The queue cannot be reached now; try again.', {
            cause,
          });
        }
      },
    },
    employ(work, announce) {
      employed = { work, announce };
    },
    async resume() {
      const now = Date.now();
      for (const id of await index.waiting()) {
        const job = await store.find(id);
        if (job === null || isFinal(job.state)) continue;
        if (Math.max(job.claim?.until ?? 0, job.retryAt ?? 0) <= now) await queue.send({ job: id });
      }
    },
    async consume({ messages }) {
      await Promise.all(messages.map(run));
    },
    async bury({ messages }) {
      for (const message of messages) {
        const id = message.body.job;
        try {
          const job = await store.find(id);
          // The alarm of a running or waiting job sends further messages.
          const alive = job !== null && ((job.claim?.until ?? 0) > Date.now() || job.retryAt !== undefined);
          const fault = job?.fault ?? faultOf(undefined);
          const failed = alive ? null : await store.apply(id, { type: 'fail', fault });
          if (failed !== null && failed.refused === undefined) await employed?.announce(failed.job);
          message.ack();
        } catch (error) {
          log(error);
          message.retry({ delaySeconds: BACK_OFF.first });
        }
      }
    },
  };
}
