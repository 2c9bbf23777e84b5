/** The Worker under measurement: the app of `src/worker.ts`, with the doors that a bench needs and a product must not have. */
import type { R2Bucket } from '@cloudflare/workers-types';
import { assembledFor } from '../../../src/edge/assembled.ts';
import type { Env } from '../../../src/edge/env.ts';
import type { SpeechEngine } from '../../../src/engine/engine.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost, type ModelHost, type OpenModel } from '../../../src/engine/model-host.ts';
import { createWasmBackend } from '../../../src/inference/wasm.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { r2Source } from '../../../src/shards/sources/r2.ts';
import { STAGES, type StageName } from '../../../src/shards/stages.ts';
import { createStyleSampler } from '../../../src/synthesis/style/style.ts';
import { resolveVoice } from '../../../src/synthesis/style/voice.ts';
import { plainRequest } from '../../lib/plain-request.ts';
import { speakPortably } from './portable.ts';
import { stageInputs } from './stage-inputs.ts';

declare const scheduler: { wait(ms: number): Promise<void> };

/** workerd's clock is constant during an event, so the event must end. */
const tick = () => scheduler.wait(0);

/** Every linear memory of the isolate: the codecs', the waveform kernel's, those of the stack kernel's networks. */
const memories = new Set<WebAssembly.Memory>();
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]) {
    const instance = new Instance(module, imports);
    for (const value of Object.values(instance.exports)) {
      if (value instanceof WebAssembly.Memory) memories.add(value);
    }
    return instance;
  },
});

function memoryBytes(): number {
  return [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

let host: ModelHost | undefined;
let phrases: SpeechEngine | undefined;

function hostOf(bucket: R2Bucket): ModelHost {
  host ??= createModelHost({
    loader: createModelLoader({ source: r2Source(bucket) }),
    backend: createWasmBackend(),
  });
  return host;
}

/** The host with a clock that moves at each stage's start and end. */
function ticking(inner: ModelHost): ModelHost {
  const wrap = (model: OpenModel): OpenModel => ({
    ...model,
    runner: {
      ...model.runner,
      async run(stage, inputs, signal) {
        await tick();
        const outputs = await model.runner.run(stage, inputs, signal);
        await tick();
        return outputs;
      },
    },
  });
  return { ...inner, open: async (model, signal) => wrap(await inner.open(model, signal)) };
}

interface PhraseJob {
  readonly input: string;
  readonly voice: string;
  /** The model's own when not given. */
  readonly refineSteps?: number;
  readonly diffusionSteps?: number;
}

async function speak(job: PhraseJob, bucket: R2Bucket): Promise<Response> {
  // One for all requests, as in the product: it holds the dictionaries.
  phrases ??= createLocalEngine({ host: ticking(hostOf(bucket)), models: ['sori-2'] });
  await tick();
  const started = performance.now();
  const speech = await phrases.speak(plainRequest({ ...job, voice: { [job.voice]: 1 } }));
  let samples = 0;
  for await (const chunk of speech.chunks) samples += chunk.length;
  await tick();
  return Response.json({
    total: performance.now() - started,
    timings: speech.timings,
    seconds: samples / 24_000,
  });
}

async function timeStage(
  stage: StageName,
  frames: number,
  runs: number,
  bucket: R2Bucket,
): Promise<Response> {
  const { manifest, runner } = await hostOf(bucket).open('sori-2');
  const inputs = stageInputs(stage, manifest, frames);
  await runner.run(stage, inputs);
  await tick();
  const started = performance.now();
  for (let run = 0; run < runs; run++) await runner.run(stage, inputs);
  await tick();
  return Response.json({ milliseconds: (performance.now() - started) / runs });
}

/** Milliseconds of drawing one style for a phrase of so many phonemes, with the model's defaults but for the steps. */
async function timeStyle(steps: number, phonemes: number, runs: number, bucket: R2Bucket): Promise<Response> {
  const { manifest, runner } = await hostOf(bucket).open('sori-2');
  const sampler = createStyleSampler(manifest, runner);
  const voice = resolveVoice(manifest, { [manifest.voices[0].id]: 1 });
  const phonemeIds = BigInt64Array.from({ length: phonemes }, (_, i) => BigInt(12 + (i % 50)));
  const options = { diffusionSteps: steps };
  await sampler.style({ voice, phonemeIds, options, seed: 0 });
  await tick();
  const started = performance.now();
  for (let seed = 0; seed < runs; seed++) await sampler.style({ voice, phonemeIds, options, seed });
  await tick();
  return Response.json({ milliseconds: (performance.now() - started) / runs });
}

/** wrangler.toml names it; nothing here makes jobs. */
export class JobObject {}
export class SessionObject {}

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/phrase') return speak(await request.json(), env.BUCKET);
    if (pathname === '/portable') return Response.json(await speakPortably(hostOf(env.BUCKET)));
    if (pathname === '/memory') return Response.json({ wasm: memoryBytes() });
    if (pathname === '/style') {
      const [steps, phonemes, runs] = ['steps', 'phonemes', 'runs'].map((name) =>
        Number(searchParams.get(name)),
      );
      return timeStyle(steps, phonemes, runs, env.BUCKET);
    }
    const stage = STAGES.find((name) => pathname === `/stage/${name}`);
    if (stage) {
      return timeStage(
        stage,
        Number(searchParams.get('frames')),
        Number(searchParams.get('runs')),
        env.BUCKET,
      );
    }
    return assembledFor(env).app.fetch(request, env, context);
  },
};
