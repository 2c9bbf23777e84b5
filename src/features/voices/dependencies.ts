import type { TranscriptionDependencies } from '../transcription/index.ts';
import type { VoiceConsent } from './consents.ts';
import type { Voices } from './voice-store.ts';

/** Dependencies of the routes of voices. */
export interface VoiceDependencies extends TranscriptionDependencies {
  /** Cloned voices; made by `createApp` where there is a database. */
  readonly voices?: Voices;
  /** How speakers may consent to a clone of their voice; default `recording`. */
  readonly voiceConsent?: VoiceConsent;
}
