import { expect, it } from 'vitest';
import { resample } from '../../../src/audio/resample.ts';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import type { ClonedSpeechEvent, ClonedSpeechInput, CloningInput } from '../../../src/models/tasks.ts';
import type { ModelThread } from '../../../src/models/thread.ts';
import { artificialSpeech } from '../../support/artificial-speech.ts';

const PHONEMES = ['^', 'h', 'ə', 'l', 'ˈoʊ', ' ', 'w', 'ˈɝ', 'l', 'd', '.', '$'];

/** What every model does that speaks with the voice of a recording. */
export function cloningContract(
  { sampleRate = 0, languages: [language], settings }: ModelManifest,
  open: () => Promise<ModelThread<'speech-cloning'>>,
): void {
  const run = async (input: CloningInput, signal?: AbortSignal) => {
    const events = [];
    for await (const event of (await open()).run(input, signal)) events.push(event);
    expect(events).toHaveLength(1);
    return events[0];
  };
  const embeddingOf = async (scale: number, seconds = 4): Promise<Float32Array> => {
    const event = await run({
      kind: 'reference',
      samples: resample(artificialSpeech(seconds, scale), 24_000, sampleRate).slice(),
    });
    if (event.kind !== 'embedding') throw new Error('A reference gave no embedding.');
    return event.embedding;
  };
  const speak = async (
    embedding: Float32Array,
    changes: Partial<ClonedSpeechInput> = {},
    signal?: AbortSignal,
  ): Promise<ClonedSpeechEvent> => {
    const input = { kind: 'speech', text: 'Hello world.', phonemes: PHONEMES, language, speed: 1 } as const;
    const event = await run({ ...input, embedding: embedding.slice(), ...changes }, signal);
    if (event.kind !== 'speech') throw new Error('An utterance gave no speech.');
    return event;
  };
  const likeness = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

  it('makes an embedding of length 1, the same for the same recording', async () => {
    const embedding = await embeddingOf(1);
    expect(embedding).toHaveLength(settings.embeddingSize as number);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
    expect(await embeddingOf(1)).toEqual(embedding);
  });

  it('makes similar embeddings of recordings of one speaker, and less similar ones of two', async () => {
    const [first, longer, other] = [await embeddingOf(1), await embeddingOf(1, 6), await embeddingOf(2)];
    expect(likeness(first, longer)).toBeGreaterThan(settings.threshold as number);
    expect(likeness(first, other)).toBeLessThan(likeness(first, longer));
  });

  it('refuses a recording that is too short', async () => {
    const samples = new Float32Array(Math.round(sampleRate / 10));
    await expect(run({ kind: 'reference', samples })).rejects.toMatchObject({ code: 'unusable_reference' });
  });

  it('speaks an utterance with the voice of a recording: samples in [-1, 1], divided among its phonemes', async () => {
    const [first, other] = [await embeddingOf(1), await embeddingOf(2)];
    const { samples, lengths } = await speak(first);
    expect(samples.length).toBeGreaterThan(0.1 * sampleRate);
    expect(samples.every((sample) => Math.abs(sample) <= 1.5)).toBe(true);
    expect(Math.max(...samples)).toBeGreaterThan(0.01);
    if (lengths) {
      expect(lengths).toHaveLength(PHONEMES.length);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(samples.length);
    }
    expect((await speak(other)).samples).not.toEqual(samples);
  });

  it('is shorter the faster it speaks', async () => {
    const embedding = await embeddingOf(1);
    const slow = await speak(embedding, { speed: 0.7 });
    const fast = await speak(embedding, { speed: 1.5 });
    expect(fast.samples.length).toBeLessThan(slow.samples.length);
  });

  it('works after a failed call and an aborted one', async () => {
    const embedding = await embeddingOf(1);
    await expect(speak(embedding, { phonemes: ['^', '☃', '$'] })).rejects.toThrow('☃');
    const abort = new AbortController();
    const left = speak(embedding, {}, abort.signal);
    abort.abort();
    await expect(left).rejects.toThrow('abort');
    expect((await speak(embedding)).samples.length).toBeGreaterThan(0);
  });
}
