import { SoriError } from '../../../base/errors.ts';
import { elevenLabsFormat, elevenLabsVoiceFor } from '../../elevenlabs/index.ts';
import type { SessionCommand } from '../events.ts';
import { json, type Protocol } from './protocol.ts';

/** ElevenLabs' messages of `stream-input`: `{"text"}` in, an empty text ends; base64 audio and times of characters out. */
export const elevenLabs: Protocol = {
  withWords: true,
  fieldsOf: ({ searchParams, pathname }) => {
    const { format, sampleRate } = elevenLabsFormat(searchParams);
    const voice = decodeURIComponent(pathname.split('/')[3] ?? '');
    return {
      voice: elevenLabsVoiceFor(voice),
      language: searchParams.get('language_code') ?? undefined,
      seed: searchParams.get('seed') ?? undefined,
      response_format: format,
      sample_rate: sampleRate,
    };
  },
  greet: () => [],
  read: (message): SessionCommand[] => {
    const { text, flush, voice_settings } = message as Record<string, unknown>;
    if (typeof text !== 'string')
      throw new SoriError('invalid_type', 'text must be a string.', { param: 'text' });
    const { speed } = (voice_settings ?? {}) as { speed?: unknown };
    return [
      ...(speed === undefined ? [] : [{ do: 'configure', fields: { speed } } as const]),
      ...(text === '' ? [{ do: 'end' } as const] : [{ do: 'text', text } as const]),
      ...(flush === true && text !== '' ? [{ do: 'flush' } as const] : []),
    ];
  },
  write: ({ event }, { requestId }) => {
    switch (event.type) {
      case 'audio':
        return [json({ audio: event.audio, isFinal: null, normalizedAlignment: null, alignment: null })];
      case 'words': {
        const alignment = alignmentOf(event.words);
        return [json({ audio: '', isFinal: null, normalizedAlignment: alignment, alignment })];
      }
      case 'error':
        return [
          json({
            error: event.error.code,
            message: event.error.message,
            code: event.error.code,
            request_id: requestId,
          }),
        ];
      case 'done':
        return [
          json({ audio: null, isFinal: true, normalizedAlignment: null, alignment: null }),
          { close: true },
        ];
      default:
        return [];
    }
  },
};

/** Times of the characters of words, each followed by a space that lasts until the next word. */
function alignmentOf(words: readonly { text: string; start_ms: number; end_ms: number }[]) {
  const chars: string[] = [];
  const charStartTimesMs: number[] = [];
  const charDurationsMs: number[] = [];
  words.forEach(({ text, start_ms, end_ms }, index) => {
    const characters = Array.from(text);
    const step = (end_ms - start_ms) / characters.length;
    characters.forEach((character, at) => {
      chars.push(character);
      charStartTimesMs.push(Math.round(start_ms + at * step));
      charDurationsMs.push(Math.round(step));
    });
    chars.push(' ');
    charStartTimesMs.push(Math.round(end_ms));
    charDurationsMs.push(Math.round(Math.max(0, (words[index + 1]?.start_ms ?? end_ms) - end_ms)));
  });
  return { chars, charStartTimesMs, charDurationsMs };
}
