import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer } from '../../lib/dev-server.ts';
import { seedLocalBucket } from '../../lib/local-bucket.ts';
import { MODELS_FOLDER } from '../../lib/node-engine.ts';
import { announce, median, type Row } from '../table.ts';
import { type BenchOrigin, startOrigin } from './origin-server.ts';

/** How much is spoken. */
export interface GpuOptions {
  /** Requests at once. */
  readonly batches: readonly number[];
  /** Times that each batch is asked for, and the single request of the latencies. */
  readonly rounds: number;
}

const REFINE_STEPS = 32;
const TEXT = 'The table by the window is ready, and the kitchen is open until ten.';
const WAV_HEADER = 44;
const BYTES_PER_SECOND = 48_000;

/**
 * An origin on a GPU, or on what `SORI_EP` names: seconds of audio per second, and the time of a request there and at the edge. Reports if
 * no GPU works.
 */
export async function measureGpu({ batches, rounds }: GpuOptions): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-bench-'));
  try {
    announce('origin on a GPU');
    const wanted = process.env.SORI_EP ?? 'cuda';
    const origin = await startOrigin(join(folder, 'origin'), { AUTH: 'off', SORI_EP: wanted }).catch(
      () => undefined,
    );
    if (origin === undefined) {
      const what = 'origin on a GPU: audio seconds per second, latency beside the edge’s';
      return [{ what, measured: 'no GPU was available', target: '' }];
    }
    await using running = origin;
    return [await throughput(running, batches, rounds), await latency(running, join(folder, 'edge'), rounds)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function throughput({ url, backend }: BenchOrigin, batches: readonly number[], rounds: number) {
  let seed = 0;
  // The first ones load the model, and make a GPU plan its work for each size of a batch.
  const measured: string[] = [];
  for (const size of batches) {
    const rates: number[] = [];
    for (let round = -1; round < rounds; round++) {
      announce(`${size} at once, ${REFINE_STEPS} refine steps, round ${round}`);
      const started = performance.now();
      const spoken = await Promise.all(Array.from({ length: size }, () => speak(url, seed++)));
      const seconds = spoken.reduce((sum, audio) => sum + audio, 0);
      if (round >= 0) rates.push((1000 * seconds) / (performance.now() - started));
    }
    measured.push(median(rates).toFixed(1));
  }
  return {
    what: `origin (${backend}): audio seconds per second with ${batches.join(' / ')} requests at once, ${REFINE_STEPS} refine steps`,
    measured: measured.join(' / '),
    target: '',
  };
}

async function latency({ url, backend }: BenchOrigin, persistTo: string, rounds: number): Promise<Row> {
  await seedLocalBucket({ persistTo, folder: join(MODELS_FOLDER, 'sori-2') });
  await using edge = await startDevServer({ port: 0, persistTo, vars: { AUTH: 'off' }, logLevel: 'error' });
  const times = { edge: [] as number[], origin: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    announce(`edge beside origin, round ${round}`);
    for (const side of ['edge', 'origin'] as const) {
      const started = performance.now();
      await speak(side === 'edge' ? edge.url.origin : url, 100_000 + round);
      if (round >= 0) times[side].push(performance.now() - started);
    }
  }
  return {
    what: `the same request (${TEXT.length} characters, ${REFINE_STEPS} refine steps), p50 to the last byte: edge in workerd / origin (${backend})`,
    measured: `${median(times.edge).toFixed(0)} ms / ${median(times.origin).toFixed(0)} ms`,
    target: '',
  };
}

/** Seconds of audio that came. */
async function speak(url: string, seed: number): Promise<number> {
  const response = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify({
      model: 'sori-2',
      voice: 'hazel',
      input: TEXT,
      response_format: 'wav',
      refine_steps: REFINE_STEPS,
      seed,
    }),
  });
  const bytes = await response.arrayBuffer();
  if (!response.ok) throw new Error(new TextDecoder().decode(bytes));
  return (bytes.byteLength - WAV_HEADER) / BYTES_PER_SECOND;
}
