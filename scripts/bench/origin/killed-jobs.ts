import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { announce, type Row } from '../table.ts';
import { startOrigin } from './origin-server.ts';

/** Share of the jobs that are done when the origin is killed. */
const KILLS = [0.2, 0.5, 0.8];
const POLL_MS = 200;

interface SeenJob {
  readonly id: string;
  readonly state: string;
  readonly result?: { readonly key: string };
}

/** Jobs of one sentence each, queued at an origin that is killed and started again three times while it speaks them. */
export async function measureKilledJobs(count: number): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-bench-'));
  const start = () => startOrigin(folder, { AUTH: 'off' });
  let origin = await start();
  try {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(await queueJob(origin.url, i));
    // A request without a complete answer is sent again; it is the same job.
    ids.push(await queueJob(origin.url, 0));
    const started = performance.now();
    let interrupted = 0;
    for (const share of KILLS) {
      announce(`jobs: until ${100 * share} % are done`);
      await until(async () => (await jobOf(origin.url, ids[Math.floor(share * count)])).state !== 'queued');
      await origin.kill();
      interrupted++;
      origin = await start();
    }
    announce('jobs: the rest');
    const results = new Map<string, string>();
    let announced = 0;
    for (const id of new Set(ids)) {
      await until(async () => ['succeeded', 'failed'].includes((await jobOf(origin.url, id)).state));
      const { state, result } = await jobOf(origin.url, id);
      if (state === 'succeeded' && result && (await hasAudio(origin.url, result.key))) {
        results.set(id, result.key);
      }
      announced += (await eventsOf(origin.url, id)).filter((type) => type === 'succeeded').length;
    }
    const seconds = (performance.now() - started) / 1000;
    const recordings = new Set(results.values()).size;
    const lost = count - results.size;
    const duplicates =
      new Set(ids).size - count + (results.size - recordings) + Math.max(0, announced - count);
    return {
      what: `${count} jobs of a sentence queued, the origin (${origin.backend}) killed (-9) and started again ${interrupted} times while they run (${seconds.toFixed(0)} s)`,
      measured: `${results.size} results, ${duplicates} duplicates, ${lost} lost`,
      target: `${count} results, no duplicate, no loss`,
      met: results.size === count && lost === 0 && duplicates === 0,
    };
  } finally {
    await origin.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function queueJob(url: string, i: number): Promise<string> {
  const response = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `bench-${i}` },
    body: JSON.stringify({
      kind: 'speech',
      request: { model: 'sori-2', voice: 'hazel', input: `Table ${i} is ready.`, response_format: 'wav' },
    }),
  });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as SeenJob).id;
}

async function jobOf(url: string, id: string): Promise<SeenJob> {
  const response = await fetch(`${url}/v1/jobs/${id}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as SeenJob;
}

async function hasAudio(url: string, key: string): Promise<boolean> {
  return (await fetch(`${url}/audio/${key}.wav`, { method: 'HEAD' })).ok;
}

/** Types of all events of a job that has ended. */
async function eventsOf(url: string, id: string): Promise<string[]> {
  const text = await (await fetch(`${url}/v1/jobs/${id}/events`)).text();
  return [...text.matchAll(/^event: (\w+)$/gm)].map(([, type]) => type);
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await sleep(POLL_MS);
}
