import type { VoiceDependencies } from '../voices/index.ts';

/** Dependencies of the routes of speakers. */
export interface SpeakerDependencies extends VoiceDependencies {
  /** Allows guesses of sex and age; default no. */
  readonly speakerProfiles?: boolean;
}
