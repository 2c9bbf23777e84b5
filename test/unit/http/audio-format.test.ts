import { describe, expect, it } from 'vitest';
import { parseGeneration } from '../../../src/features/generation/schema.ts';
import { parsePrompt } from '../../../src/features/prompts/faults.ts';
import { renderSchema } from '../../../src/features/prompts/render/docs.ts';
import { parseSinging } from '../../../src/features/singing/request.ts';
import { parseSpeech } from '../../../src/features/speech/parse.ts';

const SCORE = { tempo: 120, parts: [{ notes: [{ pitch: 'C4', beats: 1, lyric: 'la' }] }] };

/** The format that each kind of body understands by a name. */
const READERS: Readonly<Record<string, (name: string) => unknown>> = {
  speech: (name) => parseSpeech({ input: 'Hello.', response_format: name }).response_format,
  'speech as JSON': (name) =>
    parseSpeech({ input: 'Hello.', response_format: 'json', audio_format: name }).audio_format,
  'a prompt': (name) => parsePrompt({ input: 'Hello.', voice: 'hazel', formats: [name] }).formats?.[0],
  'a rendering': (name) => renderSchema.parse({ format: name }).format,
  singing: (name) =>
    parseSinging({ model: 'sori-2', score: SCORE, voice: 'hazel', response_format: name }).response_format,
  generation: (name) => parseGeneration({ prompt: 'rain', response_format: name }).response_format,
};

describe.each(Object.entries(READERS))('%s', (_, read) => {
  it.each([
    ['m4a', 'm4a'],
    ['audio/mp4', 'm4a'],
    ['audio/x-m4a', 'm4a'],
    ['MP3', 'mp3'],
    ['ulaw', 'mulaw'],
  ])('reads the name %s', (name, format) => expect(read(name)).toBe(format));

  it('refuses a name that means no format', () => {
    expect(() => read('mp5')).toThrow();
  });
});
