import type { VoiceDependencies } from '../voices/index.ts';

/** Dependencies of speech translation: a recognizer, speech, and the cloned voices of callers. */
export type SpeechTranslationDependencies = VoiceDependencies;
