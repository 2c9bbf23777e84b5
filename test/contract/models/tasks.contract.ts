import { expect, it } from 'vitest';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import type {
  GenerationEvent,
  GenerationInput,
  Task,
  TaskEvent,
  TaskInput,
} from '../../../src/models/tasks.ts';
import type { ModelThread } from '../../../src/models/thread.ts';

type Open<T extends Task> = () => Promise<ModelThread<T>>;

async function eventsOf<T extends Task>(open: Open<T>, input: TaskInput<T>): Promise<TaskEvent<T>[]> {
  const events: TaskEvent<T>[] = [];
  for await (const event of (await open()).run(input)) events.push(event);
  return events;
}

/** Two seconds of a hum. */
const hum = (rate: number, hz: number, seconds = 2) =>
  Float32Array.from({ length: seconds * rate }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / rate));

/** What every translation model does. */
export function translationContract(
  { languages: [from, to] }: ModelManifest,
  open: Open<'translation'>,
): void {
  it('translates, and gives the same text for the same text', async () => {
    const [{ text }] = await eventsOf(open, { text: 'hello world.', from, to });
    expect(text).not.toBe('');
    expect(await eventsOf(open, { text: 'hello world.', from, to })).toEqual([{ text }]);
  });

  it('refuses a language that it does not know', async () => {
    await expect(eventsOf(open, { text: 'hello', from, to: 'xx' })).rejects.toMatchObject({
      code: 'unsupported_language',
      param: 'to',
    });
  });
}

/** What every speaker embedding does. */
export function embeddingContract({ sampleRate = 0 }: ModelManifest, open: Open<'speaker-embedding'>): void {
  it('gives a vector of length 1, the same for the same recording and different for another', async () => {
    const [{ vector }] = await eventsOf(open, { samples: hum(sampleRate, 120) });
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    const [again] = await eventsOf(open, { samples: hum(sampleRate, 120) });
    expect(again.vector).toEqual(vector);
    const [{ vector: other }] = await eventsOf(open, { samples: hum(sampleRate, 1500) });
    expect(vector.reduce((sum, value, i) => sum + value * other[i], 0)).toBeLessThan(0.999);
  });

  it('refuses a recording that is too short', async () => {
    const samples = new Float32Array(sampleRate / 10);
    await expect(eventsOf(open, { samples })).rejects.toMatchObject({ code: 'unusable_reference' });
  });
}

/** What every segmentation model does. */
export function segmentationContract({ sampleRate = 0 }: ModelManifest, open: Open<'segmentation'>): void {
  it('names the speakers of every frame, window after window', async () => {
    const events = await eventsOf(open, { samples: hum(sampleRate, 120, 12) });
    expect(events.length).toBeGreaterThan(0);
    let last = -1;
    for (const { start, frameSeconds, speakers, active } of events) {
      expect(start).toBeGreaterThan(last);
      last = start;
      expect(frameSeconds).toBeGreaterThan(0);
      expect(active.length % speakers).toBe(0);
      expect(active.every((value) => value === 0 || value === 1)).toBe(true);
    }
  });
}

/** What every separation model does. */
export function separationContract({ sampleRate = 0 }: ModelManifest, open: Open<'separation'>): void {
  it('gives two voices at least, each as long as the recording', async () => {
    const [{ sources }] = await eventsOf(open, { samples: hum(sampleRate, 200) });
    expect(sources.length).toBeGreaterThanOrEqual(2);
    for (const source of sources) {
      expect(source).toHaveLength(2 * sampleRate);
      expect(source.every(Number.isFinite)).toBe(true);
    }
  });
}

/** What every speaker profile model does. */
export function profileContract({ sampleRate = 0 }: ModelManifest, open: Open<'speaker-profile'>): void {
  it('states a probability and an error rate for each trait', async () => {
    const [{ traits }] = await eventsOf(open, { samples: hum(sampleRate, 120) });
    expect(traits.length).toBeGreaterThan(0);
    for (const { value, probability, errorRate } of traits) {
      expect(value).not.toBe('');
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThanOrEqual(1);
      expect(errorRate).toBeGreaterThan(0);
    }
  });
}

/** What every generation model does. */
export function generationContract({ sampleRate = 0 }: ModelManifest, open: Open<'generation'>): void {
  const input: GenerationInput = {
    prompt: 'a good day',
    seconds: 0.5,
    seed: 7,
    guidance: 3,
    temperature: 1,
    topK: 250,
  };
  const soundOf = (events: readonly GenerationEvent[]) => events.at(-1)!.samples!;

  it('reports its progress, and makes audio of the requested length', async () => {
    const events = await eventsOf(open, input);
    expect(events.length).toBeGreaterThan(2);
    const progress = events.map((event) => event.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    expect(soundOf(events).length / sampleRate).toBeCloseTo(0.5, 1);
    expect(soundOf(events).every(Number.isFinite)).toBe(true);
  });

  it('makes the same audio for the same seed, and other audio for another seed', async () => {
    const first = soundOf(await eventsOf(open, input));
    expect(soundOf(await eventsOf(open, input))).toEqual(first);
    expect(soundOf(await eventsOf(open, { ...input, seed: 8 }))).not.toEqual(first);
    const likeliest = { ...input, temperature: 0 };
    expect(soundOf(await eventsOf(open, likeliest))).toEqual(
      soundOf(await eventsOf(open, { ...likeliest, seed: 8 })),
    );
  });

  it('refuses more than it can make, and stops when it is aborted', async () => {
    await expect(eventsOf(open, { ...input, seconds: 1000 })).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'seconds',
    });
    const abort = new AbortController();
    const run = (await open()).run(input, abort.signal);
    await run.next();
    abort.abort();
    await expect(run.next()).rejects.toThrow('abort');
    expect(soundOf(await eventsOf(open, input)).length).toBeGreaterThan(0);
  });
}
