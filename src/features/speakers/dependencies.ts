import type { VoiceDependencies } from '../voices/index.ts';

/** What the routes of speakers need. */
export interface SpeakerDependencies extends VoiceDependencies {
  /** Allows guesses of sex and age; default no. */
  readonly speakerProfiles?: boolean;
}
