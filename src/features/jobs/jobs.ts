import type { Job } from './machine.ts';
import type { JobOutputs } from './outputs/outputs.ts';
import type { JobWork } from './runner/run.ts';
import type { JobQueue, JobStore } from './stores/store.ts';

/** Called when a job has ended. */
export type Announce = (job: Job) => Promise<void>;

/** The jobs behind the routes. */
export interface Jobs {
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly outputs: JobOutputs;
  /** Share that is done of the running step, 0 to 1, for jobs that report it; absent if other processes run the jobs. */
  readonly parts?: Map<string, number>;
  /**
   * Most characters of audio that is made in memory: a joined recording for telephony, or a single piece. Default: the limit of a
   * job may have.
   */
  readonly longestInMemory?: number;
  /** Sets the work of jobs. The app calls it once before any job is sent. */
  readonly employ: (work: JobWork, announce: Announce) => void;
}
