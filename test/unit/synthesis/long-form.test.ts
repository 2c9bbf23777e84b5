import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import { SoriError } from '../../../src/base/errors.ts';
import type { Speech, SpeechEngine, SpeechRequest } from '../../../src/engine/engine.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost, type OpenModel } from '../../../src/engine/model-host.ts';
import type { Tensors } from '../../../src/inference/backend.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import type { StageName } from '../../../src/shards/stages.ts';
import { memorySource } from '../../support/models/memory-source.ts';
import { tinyModel } from '../../support/models/model-files.ts';

/** Six sentences: more than are planned at once. */
const LONG =
  'One day it rained. We all stayed in. The cat slept well. Nobody came by. Then the sun broke through. We went out.';

const sentenceText = fc.array(fc.constantFrom('rain', 'we', 'stay', 'now', 'open', 'seven'), {
  minLength: 1,
  maxLength: 4,
});
const text = fc
  .array(sentenceText, { minLength: 5, maxLength: 7 })
  .map((sentences) => sentences.map((words) => `${words.join(' ')}. `).join(''));

let engine: SpeechEngine;
let runs: { stage: StageName; inputs: Tensors; outputs: Tensors }[] = [];
/** Sentences whose hidden vectors are held, at each run of the text encoder. */
let held: number[] = [];
const count = (stage: StageName) => runs.filter((run) => run.stage === stage).length;

beforeAll(async () => {
  const source = memorySource('sori-2', await tinyModel('sori-2', 1));
  const host = createModelHost({ loader: createModelLoader({ source }), backend: createNativeBackend() });
  const counting = ({ runner, ...model }: OpenModel): OpenModel => ({
    ...model,
    runner: {
      async run(stage, inputs, signal) {
        if (stage === 'text_encoder') {
          held.push(runs.filter(({ outputs: { hidden } }) => hidden && hidden.data.length > 0).length);
        }
        const outputs = await runner.run(stage, inputs, signal);
        runs.push({ stage, inputs: structuredClone(inputs), outputs });
        return outputs;
      },
    },
  });
  const open = async (name: string, signal?: AbortSignal) => counting(await host.open(name, signal));
  engine = createLocalEngine({ host: { ...host, open }, models: ['sori-2'] });
});

beforeEach(() => {
  runs = [];
  held = [];
});

const request = (changes: Partial<SpeechRequest> = {}): SpeechRequest =>
  plainRequest({
    input: LONG,
    speed: 4,
    seed: 7,
    refineSteps: 0,
    exactLength: false,
    ...changes,
  });

async function read(speech: Speech): Promise<Float32Array> {
  const samples: number[] = [];
  for await (const chunk of speech.chunks) for (const sample of chunk) samples.push(sample);
  return Float32Array.from(samples);
}

describe('long input', () => {
  it('has its first audio after only its first sentence was processed', async () => {
    const speech = await engine.speak(request());
    expect(speech.totalSamples).toBeUndefined();
    expect(new Set(speech.alignment.phonemes.map(({ sentence }) => sentence))).toEqual(new Set([0]));
    const chunks = speech.chunks[Symbol.asyncIterator]();
    expect((await chunks.next()).value.length).toBeGreaterThan(0);
    const soFar = Object.fromEntries(runs.map(({ stage }) => [stage, count(stage)]));
    runs = [];
    const first = await engine.speak(request({ input: 'One day it rained.' }));
    await first.chunks[Symbol.asyncIterator]().next();
    expect(soFar).toEqual(Object.fromEntries(runs.map(({ stage }) => [stage, count(stage)])));
    expect(soFar.text_encoder).toBe(1);
  });

  it('starts each sentence when the one before is consumed', async () => {
    const speech = await engine.speak(request());
    let received = 0;
    for await (const chunk of speech.chunks) {
      received += chunk.length;
      const planned = speech.alignment.phonemes;
      const behind = planned.find(({ endSample }) => endSample > received - 1) ?? planned[planned.length - 1];
      expect(count('text_encoder') - 1 - behind.sentence).toBeLessThanOrEqual(1);
    }
    expect(count('text_encoder')).toBe(6);
    expect(speech.alignment.phonemes[speech.alignment.phonemes.length - 1].endSample).toBe(received);
  });

  it('is planned at once where its length must be known, or it is short', async () => {
    const exact = await engine.speak(request({ exactLength: true }));
    expect(count('text_encoder')).toBe(6);
    expect((await read(exact)).length).toBe(exact.totalSamples);
    const short = await engine.speak(request({ input: 'We stay. We go. We run. We hide.' }));
    expect((await read(short)).length).toBe(short.totalSamples);
  });

  it('holds nothing of a sentence that is planned for its times', async () => {
    await engine.align(request());
    expect(held).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('sounds the same planned early or late, and has the same times without a waveform', async () => {
    const controls = fc.record({
      seed: fc.nat(),
      pitch: fc.constantFrom(0, -3),
      pauses: fc.constantFrom(0, 1, 2),
      energy: fc.constantFrom(0, 12),
      refineSteps: fc.constantFrom(0, 1),
      emotion: fc.constantFrom(undefined, { happy: 0.6, sad: 0.4 }),
    });
    await fc.assert(
      fc.asyncProperty(text, controls, async (input, changes) => {
        const late = await engine.speak(request({ input, ...changes }));
        const early = await engine.speak(request({ input, ...changes, exactLength: true }));
        const samples = await read(early);
        expect(samples.length).toBe(early.totalSamples);
        expect(await read(late)).toEqual(samples);
        expect(late.alignment).toEqual(early.alignment);
        const aligned = await engine.align(request({ input, ...changes }));
        expect(aligned).toEqual({ alignment: early.alignment, totalSamples: samples.length, warnings: [] });
      }),
      { numRuns: 6 },
    );
  });

  it('starts each style from the last one, but not from that of another voice or emotion', async () => {
    const stylesOf = async (input: string, continuity: number) => {
      runs = [];
      await engine.align(request({ input, continuity, alpha: 1, beta: 1 }));
      return runs
        .filter(({ stage }) => stage === 'text_encoder')
        .map(({ inputs }) => inputs.style.data as Float32Array);
    };
    const apart = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - b[i]));
    const free = await stylesOf(LONG, 0);
    const held = await stylesOf(LONG, 0.8);
    expect(held[0]).toEqual(free[0]);
    for (let i = 1; i < 6; i++) {
      expect(held[i]).not.toEqual(free[i]);
      // s_i = 0.8 s_(i-1) + 0.2 drawn.
      expect(apart(held[i], held[i - 1])).toBeLessThan(0.5 * apart(free[i], held[i - 1]));
    }
    const ssml = (inner: string) => `<speak>We stay. ${inner} We go.</speak>`;
    const [, changed, back] = await stylesOf(ssml('<voice name="clara">We run.</voice>'), 1);
    const [, alone, backAlone] = await stylesOf(ssml('<voice name="clara">We run.</voice>'), 0);
    expect(changed).toEqual(alone);
    expect(back).toEqual(backAlone);
  });
});

describe('markup', () => {
  it('is spoken with its voices, breaks, marks and controls', async () => {
    const input =
      '<speak>We stay <break time="300ms"/> in. <voice name="clara">We <mark name="go"/>go.</voice>' +
      '<prosody volume="silent">We hide.</prosody></speak>';
    const speech = await engine.speak(request({ input, speed: 1 }));
    const samples = await read(speech);
    expect(samples.length).toBe(speech.totalSamples);
    const { phonemes, marks } = speech.alignment;
    const stops = phonemes.filter(
      ({ word, startSample, endSample }) => word < 0 && endSample - startSample === 7200,
    );
    expect(stops).toHaveLength(1);
    const quiet = samples.subarray(stops[0].startSample + 480, stops[0].endSample - 480);
    expect(quiet.every((x) => x === 0)).toBe(true);
    const go = phonemes.find(({ span }) => input.slice(span.start, span.end) === 'go');
    expect(marks).toMatchObject([{ name: 'go', sample: go?.startSample }]);
    const hide = phonemes.filter(({ span }) => input.slice(span.start, span.end) === 'hide');
    expect(samples.subarray(hide[0].startSample, hide[2].endSample).every((x) => x === 0)).toBe(true);
    const styles = runs
      .filter(({ stage }) => stage === 'text_encoder')
      .map(({ inputs }) => inputs.style.data);
    expect(styles[1]).not.toEqual(styles[0]);
  });

  it.each([
    ['unknown_voice', '<speak><voice name="nobody">We go.</voice></speak>', 'input'],
    ['unsupported_language', '<speak><lang xml:lang="fr">We go.</lang></speak>', 'input'],
  ])('is refused before any stage runs: %s', async (code, input, param) => {
    const error: unknown = await engine
      .speak(request({ input, strict: true }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SoriError);
    expect(error).toMatchObject({ code, param });
    expect(runs).toEqual([]);
  });
});
