import type { HostedModels } from '../../models/hosted-models.ts';
import type { SpeechDependencies } from '../speech/index.ts';

/** What the routes that use other makers' models need. */
export interface HearingDependencies extends SpeechDependencies {
  /** Models of other makers on this machine; default: none. */
  readonly hosted?: Pick<HostedModels, 'list' | 'refresh' | 'run'>;
}
