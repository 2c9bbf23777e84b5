import { describe, expect, it } from 'vitest';
import { MODELS_FOLDER } from '../../../scripts/lib/node-engine.ts';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import type { SpeechEngine, SpeechRequest } from '../../../src/engine/engine.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost } from '../../../src/engine/model-host.ts';
import { createThreadedBackend } from '../../../src/inference/threaded.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';
import { ORIGIN_ADMIN_KEY, type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';

const TEXTS = [
  'Your table is ready.',
  'Please hold the line while we connect you to the next agent.',
  'Stop.',
  'The train to Bristol leaves at ten past nine from platform four. Mind the gap!',
];

/** Sixteen requests that differ in every parameter. */
const REQUESTS = Array.from(
  { length: 16 },
  (_, i): SpeechRequest =>
    plainRequest({
      voice: { [['hazel', 'clara'][i % 2]]: 1 },
      input: TEXTS[(i >> 1) % TEXTS.length],
      speed: 1 + (i % 3) / 10,
      seed: i,
      refineSteps: i % 4 === 3 ? 2 : 0,
      emotion: i % 5 === 4 ? { happy: 0.7 } : undefined,
    }),
);

async function speak(engine: SpeechEngine, request: SpeechRequest): Promise<Float32Array> {
  const speech = await engine.speak(request);
  const samples = new Float32Array(speech.totalSamples ?? 0);
  let at = 0;
  for await (const chunk of speech.chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  return samples;
}

function engineOf(maxRows: number) {
  const host = createModelHost({
    loader: createModelLoader({ source: fsSource(MODELS_FOLDER) }),
    backend: createThreadedBackend(),
    byteBudget: 1e9,
    keepOnDemand: true,
    batching: { maxRows, maxDelayMs: 4 },
  });
  return { host, engine: createLocalEngine({ host, models: ['sori-2'] }) };
}

describe('utterances that are synthesized together', () => {
  it('have the same samples as alone, bit for bit: length, voice, emotion, steps and seed are independent', async () => {
    const { host, engine } = engineOf(8);
    await host.verify('sori-2');
    const together = await Promise.all(REQUESTS.map((request) => speak(engine, request)));
    const { batches, rows } = host.batches ?? { batches: 0, rows: 0 };
    expect(rows / batches).toBeGreaterThan(1.3);
    for (const [i, request] of REQUESTS.entries()) {
      const alone = await speak(engine, request);
      expect(alone.length).toBeGreaterThan(6000);
      expect(Buffer.compare(Buffer.from(alone.buffer), Buffer.from(together[i].buffer))).toBe(0);
    }
  });

  it('continue without one whose client disconnects', async () => {
    const { host, engine } = engineOf(8);
    await host.verify('sori-2');
    const client = new AbortController();
    const leaving = engine.speak(REQUESTS[1], client.signal);
    const staying = REQUESTS.slice(2, 8).map((request) => speak(engine, request));
    client.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    for (const samples of await Promise.all(staying)) expect(samples.length).toBeGreaterThan(6000);
  });
});

describe('an origin', () => {
  it('answers sixteen concurrent requests with the same bytes as one by one, and counts the batches', async () => {
    await using folder = await serverFolder();
    const environment = { SORI_EP: 'cpu', SHARDS: MODELS_FOLDER };
    await using batching = await runOrigin(folder.path, environment);
    await using single = await runOrigin(folder.path, { ...environment, SORI_BATCH: '1', SORI_THREADS: '3' });
    expect(await editionOf(single)).toBe(await editionOf(batching));
    expect(await editionOf(single)).toMatch(/\.native-cpu-batched-[0-9a-f]{12}$/);
    const together = await Promise.all(
      TEXTS.flatMap((input) => seeds.map((seed) => ask(batching, input, seed))),
    );
    const alone: string[] = [];
    for (const input of TEXTS) for (const seed of seeds) alone.push(await ask(single, input, seed));
    expect(together).toEqual(alone);
    const [many, few] = [await counts(batching), await counts(single)];
    expect(many.rows).toBe(few.rows);
    expect(few.batches).toBe(few.rows);
    expect(many.batches).toBeLessThan(many.rows);
  });
});

const seeds = [1, 2, 3, 4];

/** A WAV as text. */
async function ask({ url }: RunningOrigin, input: string, seed: number): Promise<string> {
  const response = await fetch(new URL('/v1/audio/speech', url), {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${ORIGIN_ADMIN_KEY}`,
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    },
    body: JSON.stringify({ model: 'sori-2', voice: 'clara', input, seed, response_format: 'wav' }),
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer()).toString('base64');
}

/** The edition of an origin. Origins of one edition use the same cache keys. */
async function editionOf({ url }: RunningOrigin): Promise<string> {
  const { models } = (await (await fetch(new URL('/readyz', url))).json()) as {
    models: { edition: string }[];
  };
  return models[0].edition;
}

async function counts({ url }: RunningOrigin) {
  const headers = { Authorization: `Bearer ${ORIGIN_ADMIN_KEY}` };
  const text = await (await fetch(new URL('/metrics', url), { headers })).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return {
    batches: value('sori_inference_batches_total'),
    rows: value('sori_inference_batched_rows_total'),
  };
}
