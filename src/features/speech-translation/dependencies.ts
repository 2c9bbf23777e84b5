import type { VoiceDependencies } from '../voices/index.ts';

/** What speech translation needs: a recogniser, speech, and the cloned voices of callers. */
export type SpeechTranslationDependencies = VoiceDependencies;
