import type { Cue } from '../../synthesis/alignment.ts';

/** Kokoro-FastAPI's audio with the times of words, in seconds. */
export interface CaptionedSpeech {
  readonly audio: string;
  readonly audio_format: string;
  readonly timestamps: readonly { word: string; start_time: number; end_time: number }[] | null;
}

/** Words with their times. */
export function captionsOf(words: readonly Cue[] | undefined): CaptionedSpeech['timestamps'] {
  return (words ?? []).map(({ text, start_ms, end_ms }) => {
    return { word: text, start_time: start_ms / 1000, end_time: end_ms / 1000 };
  });
}

interface SpeechEvent {
  readonly type?: string;
  readonly audio?: string;
  readonly timestamps?: { readonly word?: readonly Cue[] };
  readonly error?: unknown;
}

/** Rewrites server-sent events of speech as Kokoro-FastAPI's lines: each has audio, words, or both. */
export async function* captionedChunks(
  events: AsyncIterable<SpeechEvent>,
  audioFormat: string,
): AsyncGenerator<CaptionedSpeech | { error: unknown }, void> {
  let held: string | undefined;
  const chunk = (words?: readonly Cue[]): CaptionedSpeech => {
    const audio = held ?? '';
    held = undefined;
    return { audio, audio_format: audioFormat, timestamps: captionsOf(words) };
  };
  for await (const { type, audio, timestamps, error } of events) {
    if (type === 'speech.audio.timing') {
      yield chunk(timestamps?.word);
      continue;
    }
    if (held !== undefined) yield chunk();
    if (error !== undefined) return yield { error };
    held = audio;
  }
}
