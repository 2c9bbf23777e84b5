import type { HostedModels } from '../../models/hosted-models.ts';
import type { SpeechDependencies } from '../speech/index.ts';

/** Dependencies of the routes that use models of other makers. */
export interface TranscriptionDependencies extends SpeechDependencies {
  /** Models of other makers on this machine; default: none. */
  readonly hosted?: Pick<HostedModels, 'list' | 'refresh' | 'run'>;
}
