import { createModelHost } from '../../../src/engine/model-host.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';
import { defaultPathOf, type StageName } from '../../../src/shards/stages.ts';
import { MODELS_FOLDER } from '../../lib/node-engine.ts';
import { announce, median, type Row } from '../table.ts';
import { type Bundle, type RunningWorker, startWorker } from '../workerd.ts';
import { stageInputs } from './stage-inputs.ts';

/** Speaks for two to three seconds. */
const PHRASE = 'Please hold while we connect you to the next agent.';
/** The short phrase of the README. */
const SHORT = 'Your table is ready.';
/** Frames per stage run in the comparison with the native runtime: 3 s. */
const FRAMES = 240;

interface PhraseTiming {
  readonly total: number;
  readonly seconds: number;
  readonly timings: Record<string, number>;
}

/** Speed in workerd: bundles of the bench's and of the product's Worker, and a folder with a seeded bucket. */
export async function measureSpeed(bench: Bundle, product: Bundle, persist: string): Promise<Row[]> {
  return [
    ...(await firstRequest(product, persist)),
    ...(await inWorkerd(bench, persist)),
    ...(await warmRequest(bench, product, persist)),
    {
      what: 'Worker and its WebAssembly, gzip',
      measured: `${(product.gzipKiB / 1024).toFixed(2)} MiB`,
      target: '≤ 5 MB',
      met: product.gzipKiB * 1024 <= 5e6,
    },
  ];
}

/** Time to the last byte of the first request that a fresh workerd process answers. */
async function firstRequest(product: Bundle, persist: string): Promise<Row[]> {
  announce('first request of a fresh process');
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    await using worker = await startWorker(product, persist);
    times.push(await timeSpeech(worker.url, SHORT));
  }
  const measured = median(times);
  return [
    {
      what: 'first request of a fresh process (runtime, shards, sessions, speech)',
      measured: `${(measured / 1000).toFixed(2)} s`,
      target: '≤ 1.5 s',
      met: measured <= 1500,
    },
  ];
}

/** Real-time factor of a phrase, and each stage against onnxruntime-node, measured in turns. */
async function inWorkerd(bench: Bundle, persist: string): Promise<Row[]> {
  await using worker = await startWorker(bench, persist);
  announce('real-time factor in workerd');
  const runs: PhraseTiming[] = [];
  for (let run = 0; run < 9; run++) runs.push(await phrase(worker.url, PHRASE));
  const factor = median(runs.slice(2).map(({ total, seconds }) => total / 1000 / seconds));
  const processor = await processorFactor(worker);
  announce('the same graphs in onnxruntime-node');
  const ratios = await compareStages(worker.url);
  const sum = (key: 'workerd' | 'native') => ratios.reduce((total, ratio) => total + ratio[key], 0);
  const perStage = ratios.map(({ stage, workerd, native }) => `${stage} ${(workerd / native).toFixed(1)}`);
  return [
    {
      what: `real-time factor in workerd, ${runs[0].seconds.toFixed(1)} s phrase, processor time (by the clock ${factor.toFixed(3)}, which other work on the machine raises)`,
      measured: processor.toFixed(3),
      target: '≤ 0.035',
      met: processor <= 0.035,
    },
    {
      what: `the same graphs, workerd ÷ onnxruntime-node, one thread (${perStage.join(', ')})`,
      measured: (sum('workerd') / sum('native')).toFixed(1),
      target: '≤ 6',
      met: sum('workerd') / sum('native') <= 6,
    },
  ];
}

/**
 * Processor time of workerd per second of speech, requests and answers included; by the clock if the system does not report processor time.
 */
async function processorFactor(worker: RunningWorker): Promise<number> {
  const clock = async () => (await worker.processorMs()) ?? performance.now();
  const factors: number[] = [];
  for (let run = 0; run < 5; run++) {
    const before = await clock();
    let seconds = 0;
    for (let spoken = 0; spoken < 12; spoken++) seconds += (await phrase(worker.url, PHRASE)).seconds;
    factors.push(((await clock()) - before) / 1000 / seconds);
  }
  return median(factors);
}

async function compareStages(url: string): Promise<{ stage: StageName; workerd: number; native: number }[]> {
  const loader = createModelLoader({ source: fsSource(MODELS_FOLDER) });
  const { manifest, runner } = await createModelHost({ loader, backend: createNativeBackend() }).open(
    'sori-2',
  );
  const result: { stage: StageName; workerd: number; native: number }[] = [];
  for (const stage of defaultPathOf(manifest)) {
    const inputs = stageInputs(stage, manifest, FRAMES);
    await runner.run(stage, inputs);
    const workerd: number[] = [];
    const native: number[] = [];
    for (let round = 0; round < 5; round++) {
      const answer = await fetch(`${url}/stage/${stage}?frames=${FRAMES}&runs=5`);
      workerd.push(((await answer.json()) as { milliseconds: number }).milliseconds);
      const started = performance.now();
      for (let run = 0; run < 5; run++) await runner.run(stage, inputs);
      native.push((performance.now() - started) / 5);
    }
    result.push({ stage, workerd: median(workerd), native: median(native) });
  }
  return result;
}

/** Time to last byte through the whole product, and where it goes. */
async function warmRequest(bench: Bundle, product: Bundle, persist: string): Promise<Row[]> {
  announce('warm requests');
  await using worker = await startWorker(product, persist);
  await using inside = await startWorker(bench, persist);
  const times: number[] = [];
  const parts: PhraseTiming[] = [];
  for (let run = 0; run < 23; run++) {
    times.push(await timeSpeech(worker.url, SHORT));
    parts.push(await phrase(inside.url, SHORT));
  }
  const warm = times.slice(3);
  const total = median(parts.slice(3).map((part) => part.total));
  const stages = ['text', 'text_encoder', 'prosody', 'mel_decoder', 'vocoder'];
  const milliseconds = stages.map((stage) =>
    median(parts.slice(3).map(({ timings }) => timings[stage] ?? 0)),
  );
  const rest = total - milliseconds.reduce((a, b) => a + b, 0);
  const shares = [
    ...stages.map((stage, i) => [stage, milliseconds[i]] as const),
    ['waveform and rest', rest] as const,
  ];
  return [
    {
      what: `warm request to last byte, "${SHORT}" (${shares.map(([name, ms]) => `${name} ${Math.round((100 * ms) / total)} %`).join(', ')})`,
      measured: `${median(warm).toFixed(0)} ms`,
      target: '≤ 150 ms',
      met: median(warm) <= 150,
    },
  ];
}

async function phrase(url: string, input: string): Promise<PhraseTiming> {
  const answer = await fetch(`${url}/phrase`, {
    method: 'POST',
    body: JSON.stringify({ input, voice: 'hazel' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as PhraseTiming;
}

/** Milliseconds from a speech request without stored audio to its last byte. */
export async function timeSpeech(url: string, input: string, extra: object = {}): Promise<number> {
  const common = { model: 'sori-2', voice: 'hazel', response_format: 'wav' };
  const started = performance.now();
  const answer = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...common, input, seed: Math.floor(Math.random() * 2 ** 32), ...extra }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
  const took = performance.now() - started;
  if (answer.headers.get('x-cache') !== 'miss') throw new Error('this speech was not made for this request');
  return took;
}
