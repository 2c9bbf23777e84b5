import { describe, expect, it } from 'vitest';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import { createNodeWasmBackend } from '../../../scripts/lib/wasm-backend.ts';
import type { SpeechRequest } from '../../../src/engine/engine.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost } from '../../../src/engine/model-host.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { openStack } from '../../../src/inference/stack/session.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { checkSameStyles, drawStyles } from '../../contract/style.contract.ts';
import { memorySource } from '../../support/models/memory-source.ts';
import { tinyModel } from '../../support/models/model-files.ts';

/** A model as sori-2: it samples the prosody, and `emotionEffects` speak its emotions. Run as the Worker runs it. */
const loader = createModelLoader({
  source: memorySource('sori-2', await tinyModel('sori-2', 1, 'prosody')),
});
const host = createModelHost({ loader, backend: createNodeWasmBackend() });
/** Stages that ran, in order. */
let ran: string[] = [];
const engine = createLocalEngine({
  host: {
    ...host,
    open: async (name, signal) => {
      const model = await host.open(name, signal);
      const { runner } = model;
      const noting: typeof runner = {
        run: (stage, ...rest) => {
          ran.push(stage);
          return runner.run(stage, ...rest);
        },
      };
      return { ...model, runner: noting };
    },
  },
  models: ['sori-2'],
});

const TWO = 'Your table is ready. Please follow me.';
const request = (changes: Partial<SpeechRequest> = {}) =>
  plainRequest({ input: TWO, seed: 1, refineSteps: 0, ...changes });

async function speak(changes: Partial<SpeechRequest> = {}) {
  ran = [];
  const { chunks, warnings } = await engine.speak(request(changes));
  const parts: Float32Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const samples = Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => {
      return new Uint8Array(buffer, byteOffset, byteLength);
    }),
  );
  return {
    samples,
    warnings: warnings.map(({ param }) => param),
    evaluations: ran.filter((stage) => stage === 'style_denoiser').length,
  };
}

const plain = await speak();
const reading = await speak({ diffusionSteps: 5 });

describe('a model that samples the prosody and speaks emotions by their effects', () => {
  it('packs a denoiser that the stack kernel runs, and says what it samples', async () => {
    const manifest = await loader.manifest('sori-2');
    expect(await openStack(await loader.stage(manifest, 'style_denoiser'))).toBeDefined();
    expect(await engine.model('sori-2')).toMatchObject({ samplesStyles: true, samplesEmotions: false });
  });

  it('samples nothing for a plain request, and with steps a style for each sentence', () => {
    expect(plain).toMatchObject({ evaluations: 0, warnings: [] });
    expect(reading).toMatchObject({ evaluations: 2 * 9, warnings: [] });
    expect(reading.samples.equals(plain.samples)).toBe(false);
  });

  it('chooses the reading by the seed', async () => {
    expect((await speak({ diffusionSteps: 5 })).samples.equals(reading.samples)).toBe(true);
    const other = await speak({ diffusionSteps: 5, seed: 2 });
    // Without steps, the seed changes no duration.
    expect((await speak({ seed: 2 })).samples.length).toBe(plain.samples.length);
    expect(other.samples.length).not.toBe(reading.samples.length);
  });

  it('speaks an emotion without steps and with them, each in its own way', async () => {
    const emotion = { sad: 1 };
    const without = await speak({ emotion });
    expect(without.evaluations).toBe(0);
    expect(without.samples.equals(plain.samples)).toBe(false);
    const explicit = await speak({ emotion, diffusionSteps: 0 });
    expect(explicit.samples.equals(without.samples)).toBe(true);
    const varied = await speak({ emotion, diffusionSteps: 5 });
    expect(varied.evaluations).toBe(2 * 9);
    expect(varied.samples.equals(without.samples)).toBe(false);
    expect(varied.samples.equals(reading.samples)).toBe(false);
  });

  it.each([0, 5])('gives neutral the same bytes as no emotion, with %i steps', async (diffusionSteps) => {
    const neutral = await speak({ emotion: { neutral: 1 }, diffusionSteps });
    expect(neutral.samples.equals(diffusionSteps ? reading.samples : plain.samples)).toBe(true);
  });

  it('scales the way from the usual reading by beta', async () => {
    const none = await speak({ diffusionSteps: 5, beta: 0 });
    expect(none.samples.equals(plain.samples)).toBe(true);
    const half = await speak({ diffusionSteps: 5, beta: 0.5 });
    expect(half.warnings).toEqual([]);
    expect(half.samples.equals(reading.samples)).toBe(false);
  });

  it('reports alpha always, and the other fields of the sampler where no style is sampled', async () => {
    const fields = { alpha: 0.5, beta: 0.5, embeddingScale: 1.5, continuity: 0.2 };
    const without = await speak(fields);
    expect(without.warnings).toEqual(['alpha', 'beta', 'embedding_scale', 'continuity']);
    expect(without.samples.equals(plain.samples)).toBe(true);
    expect((await speak({ ...fields, diffusionSteps: 2 })).warnings).toEqual(['alpha']);
    const strict = engine.speak(request({ beta: 0.5, strict: true }));
    await expect(strict).rejects.toMatchObject({
      param: 'beta',
      message: expect.stringContaining('diffusion_steps'),
    });
  });

  it('draws the same styles with the stack kernel and with onnxruntime', async () => {
    const source = memorySource('sori-2', await tinyModel('sori-2', 1, 'prosody'));
    const [kernel, native] = [createNodeWasmBackend(), createNativeBackend()].map((backend) =>
      drawStyles(source, 'sori-2', backend),
    );
    checkSameStyles(await kernel, await native);
  });

  it('aligns a reading with the same times as it speaks it', async () => {
    const changes = { diffusionSteps: 5, emotion: { happy: 0.5 } };
    const speech = await engine.speak(request(changes));
    for await (const _ of speech.chunks);
    const aligned = await engine.align(request(changes));
    expect(aligned.alignment).toEqual(speech.alignment);
    const usual = await engine.align(request());
    expect(aligned.alignment).not.toEqual(usual.alignment);
  });

  it('reads otherwise with a mix, with a style in place of the voice, and with an emotion of SSML', async () => {
    const style = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i) / 4);
    const input = '<speak>Your table <mstts:express-as style="sad">is ready.</mstts:express-as></speak>';
    const requests: Partial<SpeechRequest>[] = [
      { voice: { hazel: 0.5, clara: 0.5 } },
      { voice: {}, style },
      { input },
    ];
    for (const changes of requests) {
      const usual = await speak(changes);
      const varied = await speak({ ...changes, diffusionSteps: 3 });
      expect(usual.evaluations).toBe(0);
      expect(varied.evaluations).toBeGreaterThanOrEqual(5);
      expect(varied.samples.equals(usual.samples)).toBe(false);
    }
  });
});
