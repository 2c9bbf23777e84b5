import { SoriError } from '../../../base/errors.ts';
import type { Database } from '../../../database/database.ts';
import type { Announce, Jobs } from '../jobs.ts';
import type { JobOutputs } from '../outputs/outputs.ts';
import { durableJobStore } from '../stores/durable-object.ts';
import type { JobStoreOptions } from '../stores/sqlite.ts';
import type { JobMessage, JobObject } from './job-object.ts';
import { faultOf, type JobWork, runJob } from './run.ts';

/** What jobs need of a Worker. */
export interface WorkerJobsOptions extends JobStoreOptions {
  readonly objects: DurableObjectNamespace<JobObject>;
  readonly queue: Queue<JobMessage>;
  readonly database: Database;
  readonly outputs: JobOutputs;
  /** ms for which a message may be worked on before the rest goes into another; default 2 minutes. */
  readonly roundMs?: number;
  readonly log?: (error: unknown) => void;
}

/** Jobs of a Worker, and what it does with its queues. */
export interface WorkerJobs extends Jobs {
  /** Runs the jobs of a batch. */
  consume(batch: MessageBatch<JobMessage>): Promise<void>;
  /** Fails jobs whose messages were given up. */
  bury(batch: MessageBatch<JobMessage>): Promise<void>;
}

/** Characters of which a telephony format, which is brought to its loudness in memory, leaves an isolate room for its model. */
const LONGEST_IN_MEMORY = 5000;
/** A queue's consumer has 5 minutes of processor time for a batch (`limits` in wrangler.toml); a step may take one of them. */
const ROUND_MS = 2 * 60_000;
/** Seconds before a message comes again whose job could not even be written to, doubled each time. */
const BACK_OFF = { first: 5, most: 600 } as const;

/**
 * Jobs in Durable Objects, handed over by a queue. A message is dropped when its job has ended, is another's or is to be tried again
 * later: the job's own alarm watches that. It comes again when nobody could write down how the job stands.
 */
export function createWorkerJobs(options: WorkerJobsOptions): WorkerJobs {
  const { objects, queue, database, outputs, roundMs = ROUND_MS, log = console.error } = options;
  const store = durableJobStore(objects, database, options);
  let employed: { work: JobWork; announce: Announce } | undefined;
  const run = async (message: Message<JobMessage>): Promise<void> => {
    if (employed === undefined) throw new TypeError('Nobody has said what jobs do.');
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
          throw new SoriError('storage_unavailable', 'The queue can not be reached now; try again.', {
            cause,
          });
        }
      },
    },
    employ(work, announce) {
      employed = { work, announce };
    },
    async consume({ messages }) {
      await Promise.all(messages.map(run));
    },
    async bury({ messages }) {
      for (const message of messages) {
        const id = message.body.job;
        try {
          const job = await store.find(id);
          // Of one that somebody works on, or that waits, this message is not the last: its alarm sends others.
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
