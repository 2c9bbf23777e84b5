import type { TranscriptionSegment } from '../../../src/models/tasks.ts';

/** A recognizer that returns the given segments for every recording, or no recognizer. */
export function recognizerOf(said: readonly Partial<TranscriptionSegment>[] | undefined) {
  return {
    list: () => (said === undefined ? [] : [{ id: 'whisper-base' }]),
    refresh: async () => {},
    async *run() {
      yield { language: 'en', segments: (said ?? []).map((segment) => ({ ...CLEAR, ...segment })) };
    },
  };
}

/** A segment that a recognizer is sure of. */
const CLEAR: TranscriptionSegment = {
  start: 0,
  end: 3,
  text: ' I am the speaker of these recordings.',
  tokens: [],
  averageLogProbability: -0.3,
  noSpeechProbability: 0.02,
  compressionRatio: 1.2,
  temperature: 0,
};
