import { SoriError } from '../../base/errors.ts';
import type { TranscriptionSegment } from '../../models/tasks.ts';
import type { TranscriptionDependencies } from './dependencies.ts';
import { type RecordingToCheck, recognize } from './recognize.ts';

/** Whisper's own limits, beyond which it takes a text for wrong: mean log-probability, repetition, and likelihood of no speech. */
const LEAST_LOG_PROBABILITY = -1;
const MOST_COMPRESSION = 2.4;
const MOST_NO_SPEECH = 0.6;
/** Share of the letters that must be in segments within those limits. */
const LEAST_SHARE = 0.5;
/** Letters that three seconds of speech have at least, in any script: five syllables of Korean. */
const LEAST_LETTERS = 5;

/**
 * Checks that the recognizer understands words in a recording. Humming, babble or noise would make an unintelligible voice.
 * @returns whether this server has a recognizer; without one nothing is checked.
 * @throws {SoriError} `unintelligible_reference`; `invalid_reference`, `model_unavailable`, `overloaded`; the signal's reason.
 */
export async function checkUnderstood(
  deps: TranscriptionDependencies,
  recording: RecordingToCheck,
  signal: AbortSignal,
): Promise<boolean> {
  const segments = await recognize(deps, recording, signal);
  if (segments === undefined) return false;
  const letters = lettersOf(segments);
  const understood = lettersOf(segments.filter(isUnderstood));
  if (understood >= LEAST_LETTERS && understood >= LEAST_SHARE * letters) return true;
  const found =
    letters < LEAST_LETTERS
      ? 'The recognizer found no words in this recording'
      : `The recognizer understands ${Math.round((100 * understood) / letters)} % of the words in this recording, and ${100 * LEAST_SHARE} % are needed`;
  throw new SoriError(
    'unintelligible_reference',
    `${found}. Send clear speech in a language that the recognizer supports.`,
    { param: recording.param },
  );
}

function isUnderstood(segment: TranscriptionSegment): boolean {
  const { averageLogProbability, compressionRatio, noSpeechProbability } = segment;
  if (compressionRatio > MOST_COMPRESSION || averageLogProbability < LEAST_LOG_PROBABILITY) return false;
  return noSpeechProbability <= MOST_NO_SPEECH;
}

/** Letters of all scripts and digits. */
function lettersOf(segments: readonly TranscriptionSegment[]): number {
  return segments.reduce((sum, { text }) => sum + (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0), 0);
}
