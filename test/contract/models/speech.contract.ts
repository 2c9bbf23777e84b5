import { expect, it } from 'vitest';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import type { SpeechInput } from '../../../src/models/tasks.ts';
import type { ModelThread } from '../../../src/models/thread.ts';

const PHONEMES = ['^', 'h', 'ə', 'l', 'ˈoʊ', ' ', 'w', 'ˈɝ', 'l', 'd', '.', '$'];

/** What every speech model does. */
export function speechContract(manifest: ModelManifest, open: () => Promise<ModelThread<'speech'>>): void {
  const [first, second = first] = manifest.voices;
  const input = (changes: Partial<SpeechInput> = {}): SpeechInput => ({
    text: 'Hello world.',
    phonemes: PHONEMES,
    language: manifest.languages[0],
    voice: { [first.id]: 1 },
    speed: 1,
    ...changes,
  });
  const speak = async (model: ModelThread<'speech'>, changes?: Partial<SpeechInput>) => {
    const spoken = [];
    for await (const event of model.run(input(changes))) spoken.push(event);
    expect(spoken).toHaveLength(1);
    return spoken[0];
  };

  it('speaks an utterance: samples in [-1, 1], divided among its phonemes', async () => {
    const model = await open();
    const { samples, lengths } = await speak(model);
    expect(samples.length).toBeGreaterThan(0.1 * manifest.sampleRate!);
    expect(samples.every((sample) => Math.abs(sample) <= 1.5)).toBe(true);
    expect(Math.max(...samples)).toBeGreaterThan(0.01);
    if (lengths) {
      expect(lengths).toHaveLength(PHONEMES.length);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(samples.length);
      // A first symbol shorter than what sounds come early by takes no time.
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(0);
    }
  });

  it('is shorter the faster it speaks', async () => {
    const model = await open();
    const slow = await speak(model, { speed: 0.7 });
    const fast = await speak(model, { speed: 1.5 });
    expect(fast.samples.length).toBeLessThan(slow.samples.length);
  });

  it('mixes voices, and refuses one that it does not have', async () => {
    const model = await open();
    const { samples } = await speak(model, { voice: { [first.id]: 0.5, [second.id]: 0.5 } });
    expect(samples.length).toBeGreaterThan(0);
    await expect(speak(model, { voice: { nobody: 1 } })).rejects.toThrow('nobody');
  });

  it('works after a failed call and an aborted one', async () => {
    const model = await open();
    await expect(speak(model, { phonemes: ['^', '☃', '$'] })).rejects.toThrow('☃');
    const abort = new AbortController();
    const left = model.run(input(), abort.signal).next();
    abort.abort();
    await expect(left).rejects.toThrow('abort');
    expect((await speak(model)).samples.length).toBeGreaterThan(0);
  });
}
