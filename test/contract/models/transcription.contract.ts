import { expect, it } from 'vitest';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import type { TranscriptionInput, TranscriptionSegment } from '../../../src/models/tasks.ts';
import type { ModelThread } from '../../../src/models/thread.ts';

/** What every transcription model does. */
export function transcriptionContract(
  manifest: ModelManifest,
  open: () => Promise<ModelThread<'transcription'>>,
  speech: () => Promise<Float32Array>,
): void {
  const transcribe = async (
    model: ModelThread<'transcription'>,
    changes: Partial<TranscriptionInput> = {},
  ) => {
    const samples = await speech();
    const segments: TranscriptionSegment[] = [];
    let language = '';
    const given = { samples, into: 'same', temperature: 0, words: false, seed: 0, ...changes } as const;
    for await (const event of model.run(given)) {
      language = event.language;
      segments.push(...event.segments);
    }
    return { language, segments };
  };

  it('writes speech down, in segments that lie in the audio one after the other', async () => {
    const { language, segments } = await transcribe(await open());
    const seconds = (await speech()).length / 16_000;
    expect(manifest.languages).toContain(language);
    expect(
      segments
        .map(({ text }) => text)
        .join('')
        .trim(),
    ).not.toBe('');
    let last = 0;
    for (const segment of segments) {
      expect(segment.start).toBeGreaterThanOrEqual(last);
      expect(segment.end).toBeGreaterThanOrEqual(segment.start);
      expect(segment.end).toBeLessThanOrEqual(seconds);
      expect(segment.averageLogProbability).toBeLessThanOrEqual(0);
      expect(segment.noSpeechProbability).toBeGreaterThanOrEqual(0);
      expect(segment.words).toBeUndefined();
      last = segment.end;
    }
  });

  it('times words: in order, inside their segment, together its text', async () => {
    const { segments } = await transcribe(await open(), { words: true });
    for (const { text, start, end, words = [] } of segments) {
      expect(
        words
          .map(({ word }) => word)
          .join('')
          .replace(/\s/g, ''),
      ).toBe(text.replace(/\s/g, ''));
      let last = start;
      for (const word of words) {
        expect(word.start).toBeGreaterThanOrEqual(last);
        expect(word.end).toBeGreaterThanOrEqual(word.start);
        expect(word.end).toBeLessThanOrEqual(end);
        expect(word.probability).toBeGreaterThan(0);
        expect(word.probability).toBeLessThanOrEqual(1);
        last = word.start;
      }
    }
  });

  it('transcribes in the given language, and refuses an unknown one', async () => {
    const model = await open();
    const [language] = manifest.languages;
    expect((await transcribe(model, { language })).language).toBe(language);
    await expect(transcribe(model, { language: 'xx' })).rejects.toMatchObject({
      code: 'unsupported_language',
    });
  });

  it('gives the same text for the same seed at a temperature', async () => {
    const model = await open();
    const once = await transcribe(model, { temperature: 0.5, seed: 7 });
    const again = await transcribe(model, { temperature: 0.5, seed: 7 });
    expect(again.segments.map(({ text }) => text)).toEqual(once.segments.map(({ text }) => text));
  });

  it('accepts silence, a prompt, and an empty recording', async () => {
    const model = await open();
    for (const samples of [new Float32Array(8000), new Float32Array(0)]) {
      const { segments } = await transcribe(model, { samples, prompt: 'Sori and Kokoro.' });
      for (const { end } of segments) expect(end).toBeLessThanOrEqual(0.5);
    }
  });
}
