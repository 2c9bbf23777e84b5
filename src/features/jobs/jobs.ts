import type { Job } from './machine.ts';
import type { JobOutputs } from './outputs/outputs.ts';
import type { JobWork } from './runner/run.ts';
import type { JobQueue, JobStore } from './stores/store.ts';

/** What is told when a job has come to an end. */
export type Announce = (job: Job) => Promise<void>;

/** Jobs behind the routes. */
export interface Jobs {
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly outputs: JobOutputs;
  /**
   * Characters of what is made in memory: of a recording that is joined for telephony, of a single piece of any. Default: as many as a
   * job may have.
   */
  readonly longestInMemory?: number;
  /** Told by the app what jobs do, once, before any is sent. */
  readonly employ: (work: JobWork, announce: Announce) => void;
}
