import type { SingingDependencies } from '../singing/index.ts';
import type { SpeakForJob } from '../speech/index.ts';
import type { VoiceDependencies } from '../voices/index.ts';
import type { Jobs } from './jobs.ts';
import type { Webhooks } from './webhooks/types.ts';

/** Dependencies of the routes and the execution of jobs. */
export interface JobDependencies extends VoiceDependencies, Pick<SingingDependencies, 'singing'> {
  /** Runs jobs. */
  readonly jobs?: Jobs;
  /** Makes the speech of jobs; default: this server's engine. */
  readonly speakForJob?: SpeakForJob;
  /** Notifies receivers of how jobs ended. */
  readonly webhooks?: Webhooks;
}
