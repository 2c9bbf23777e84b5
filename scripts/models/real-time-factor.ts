/** Real-time factor of Kokoro through an origin against its graph alone: node scripts/models/real-time-factor.ts --help. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { FrontEnds } from '../../src/engine/front-ends.ts';
import { createModelHost } from '../../src/engine/model-host.ts';
import { createNativeBackend } from '../../src/inference/native.ts';
import { toKokoro } from '../../src/models/drivers/kokoro/alphabet.ts';
import { mixStyle, readVoicePack } from '../../src/models/drivers/kokoro/voices.ts';
import { openGraph, runtime } from '../../src/models/graph.ts';
import { readManifest } from '../../src/models/store.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';
import { MODELS_FOLDER } from '../lib/node-engine.ts';

const TEXTS = [
  'Your table by the window is ready, and the waiter will be with you shortly.',
  'Press one to speak with an agent, or press two to hear your options again.',
  'The next train to Boston departs at nine thirty from platform twelve.',
  'Please have your account number at hand before you call us back tomorrow.',
];

const program = new Command('real-time-factor')
  .description(
    "Real-time factor of Kokoro through an origin's HTTP interface against its graph alone, sentence by sentence in turns.\nStart the origin with AUTH=off SORI_THREADS=1 npm run origin.",
  )
  .argument('<url>', 'of the origin')
  .argument('<folder>', 'of the installed model')
  .option('--count <n>', 'sentences', Number, TEXTS.length)
  .parse();
const [url, folder] = program.args;
const { count } = program.opts<{ count: number }>();
const { id, settings, voices } = await readManifest(folder);
const [{ id: voice }] = voices;
const graph = await openGraph(join(folder, String(settings.graph)), 'graph', {
  providers: ['cpu'],
  threads: 1,
});
const pack = readVoicePack(await readFile(join(folder, 'voices', `${voice}.bin`)), voice);
const host = createModelHost({
  loader: createModelLoader({ source: fsSource(MODELS_FOLDER) }),
  backend: createNativeBackend(),
});
const frontEnd = await new FrontEnds().get(await host.open('sori-2'), 'en');
const ort = await runtime();

/** Milliseconds of the graph alone. */
async function alone(text: string): Promise<number> {
  const [{ phonemes }] = frontEnd.analyze(text);
  const { ids } = toKokoro(phonemes.map(({ symbol }) => symbol));
  const style = mixStyle(new Map([[voice, pack]]), { [voice]: 1 }, ids.length - 2);
  const inputs = {
    tokens: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
    style: new ort.Tensor('float32', style, [1, style.length]),
    speed: new ort.Tensor('float32', Float32Array.of(1), [1]),
  };
  const started = performance.now();
  await graph.run(inputs);
  return performance.now() - started;
}

/** Milliseconds of a request, and seconds of its audio. */
async function requested(input: string): Promise<{ ms: number; seconds: number }> {
  const started = performance.now();
  const response = await fetch(new URL('/v1/audio/speech', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify({ model: id, voice, input, response_format: 'pcm' }),
  });
  const bytes = await response.arrayBuffer();
  if (!response.ok) throw new Error(new TextDecoder().decode(bytes));
  return { ms: performance.now() - started, seconds: bytes.byteLength / 48_000 };
}

// Warm-up of both before measuring.
await alone(TEXTS[0]);
await requested(TEXTS[0]);
let [graphMs, requestMs, seconds] = [0, 0, 0];
for (const text of TEXTS.slice(0, count)) {
  graphMs += await alone(text);
  const made = await requested(text);
  requestMs += made.ms;
  seconds += made.seconds;
}
const factor = (ms: number) => (ms / 1000 / seconds).toFixed(3);
console.log(
  `${id}: ${seconds.toFixed(1)} s of audio; graph alone ${factor(graphMs)}, through the origin ${factor(requestMs)} of real time: ${(requestMs / graphMs).toFixed(3)} times`,
);
