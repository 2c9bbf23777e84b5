import type { Cue } from '../../synthesis/alignment.ts';
import { type CharacterAlignment, charactersOf } from './alignment.ts';

/** ElevenLabs' audio with times. */
export interface TimedAudio {
  readonly audio_base64: string;
  readonly alignment: CharacterAlignment | null;
  readonly normalized_alignment: CharacterAlignment | null;
}

/** A JSON answer of speech, as far as it is needed here. */
interface JsonSpeech {
  readonly audio: string;
  readonly timestamps?: { readonly word?: readonly Cue[] };
}

/** Rewrites a JSON answer of speech with the times of words. */
export function timedAudio(text: string, answer: unknown): TimedAudio {
  const { audio, timestamps } = answer as JsonSpeech;
  const alignment = charactersOf(text, timestamps?.word ?? []);
  return { audio_base64: audio, alignment, normalized_alignment: alignment };
}

/** An event of speech. */
interface SpeechEvent {
  readonly type?: string;
  readonly audio?: string;
  readonly timestamps?: { readonly word?: readonly Cue[] };
  readonly error?: unknown;
}

/**
 * Rewrites server-sent events of speech as lines of JSON. Audio is sent with the times that follow it; times that come later, after the
 * last audio, are sent with no audio.
 * @param text the spoken text.
 */
export async function* timedChunks(
  text: string,
  events: AsyncIterable<SpeechEvent>,
): AsyncGenerator<TimedAudio | { error: unknown }, void> {
  let held: string | undefined;
  let at = 0;
  let now = 0;
  const chunk = (words: readonly Cue[] = [], last = false): TimedAudio => {
    const audio = held ?? '';
    held = undefined;
    const end = words.at(-1);
    const to = last ? text.length : (end?.span.end ?? at);
    const known = words.length > 0 || (last && to > at);
    const alignment = known ? charactersOf(text, words, { from: at, to, startMs: now }) : null;
    at = Math.max(at, to);
    now = end?.end_ms ?? now;
    return { audio_base64: audio, alignment, normalized_alignment: alignment };
  };
  for await (const { type, audio, timestamps, error } of events) {
    if (error !== undefined) {
      if (held !== undefined) yield chunk();
      yield { error };
      return;
    }
    if (type === 'speech.audio.delta') {
      if (held !== undefined) yield chunk();
      held = audio;
    } else if (type === 'speech.audio.timing') yield chunk(timestamps?.word);
    else if (type === 'speech.audio.done' && (held !== undefined || at < text.length)) yield chunk([], true);
  }
}
