import { describe, expect, it } from 'vitest';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import type { SpeechRequest } from '../../../src/engine/engine.ts';
import { createHostedEngine } from '../../../src/engine/hosted/engine.ts';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import type { SpeechInput } from '../../../src/models/tasks.ts';
import { createFrontEnd } from '../../../src/text/frontend.ts';
import { koreanSymbols } from '../../fixtures/korean-symbols.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';

const frontEnd = createFrontEnd({
  dictionary: buildTinyDictionary(),
  phonemes: koreanSymbols(),
  languages: ['en', 'ko'],
});
const voice = (id: string, language: string) =>
  ({ id, name: id, sex: 'female', language, description: '' }) as const;

/** A model that records its requests and returns 100 samples for each phoneme. */
function recordingModel(languages: readonly string[]) {
  const asked: SpeechInput[] = [];
  const manifest = {
    schemaVersion: 1,
    id: 'recorder',
    version: '1',
    task: 'speech',
    driver: 'kokoro',
    created: 0,
    licence: 'CC0-1.0',
    attributions: [],
    languages: [...languages],
    sampleRate: 24_000,
    voices: [voice('anna', 'en-US'), voice('emma', 'en-GB')],
    files: [{ path: 'model.onnx', bytes: 1, sha256: '0'.repeat(64) }],
    settings: {},
  } satisfies ModelManifest;
  const models = {
    list: () => [manifest],
    refresh: async () => {},
    async *run(_id: string, _task: string, input: SpeechInput) {
      asked.push(input);
      yield {
        samples: new Float32Array(input.phonemes.length * 100),
        lengths: input.phonemes.map(() => 100),
      };
    },
  };
  const engine = createHostedEngine({ models: models as never, frontEnd: async () => frontEnd });
  const speak = async (input: string, changes: Partial<SpeechRequest> = {}) => {
    const request = plainRequest({ model: 'recorder', voice: { anna: 1 }, input, ...changes });
    const { chunks, alignment } = await engine.speak(request);
    for await (const _ of chunks);
    return alignment;
  };
  return { asked, speak };
}

describe('a model of another maker', () => {
  it('reads each part of a text in its language, with times of its words', async () => {
    const { asked, speak } = recordingModel(['en', 'ko']);
    const { phonemes } = await speak('안녕하세요. The dog.', { language: 'ko' });
    expect(asked.map(({ language, text }) => `${language} ${text.trim()}`)).toEqual([
      'ko 안녕하세요.',
      'ko The dog.',
    ]);
    expect(asked[0].phonemes.slice(0, 4)).toEqual(['^', 'a', 'n', 'n']);
    expect(phonemes.at(-1)!.endSample).toBe(100 * asked.flatMap((input) => input.phonemes).length);
    await speak('The big dog. 안녕하세요.');
    expect(asked.slice(2).map(({ language }) => language)).toEqual(['en', 'ko']);
  });

  it('uses the accent of the request, or of the voice that markup names', async () => {
    const { asked, speak } = recordingModel(['en', 'en-GB']);
    await speak('The big dog.', { language: 'en-GB' });
    await speak('<speak>The dog. <voice name="emma">The big dog.</voice></speak>');
    expect(asked.map(({ language }) => language)).toEqual(['en-GB', 'en', 'en-GB']);
  });

  it('refuses Korean where the model does not speak it, and skips text that may be skipped', async () => {
    const { asked, speak } = recordingModel(['en']);
    await expect(speak('The dog. 안녕하세요.')).rejects.toMatchObject({
      code: 'unsupported_language',
      param: 'input',
    });
    await expect(speak('The dog. Привет.')).rejects.toMatchObject({ code: 'unreadable_text' });
    await speak('The dog. Привет.', { unreadable: 'skip' });
    expect(asked).toHaveLength(1);
  });
});
