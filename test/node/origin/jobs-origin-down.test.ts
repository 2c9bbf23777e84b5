import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { originsOf } from '../../../src/placement/origins.ts';
import { ADMIN_KEY } from '../../support/apps/access-app.ts';
import { jobsApp, REQUEST } from '../../support/apps/jobs-app.ts';
import { ORIGIN_SECRETS, type OriginProcess, startOrigin } from '../../support/servers/origin-process.ts';

/** Too much for an edge, whose engine has tones of another pitch. */
const HEAVY = { ...REQUEST, refine_steps: 32, response_format: 'wav' };
const sentences = (count: number) =>
  Array.from({ length: count }, (_, i) => `Sentence ${i} is heavy enough to be spoken elsewhere.`).join(' ');
const LONG = sentences(60);

let origin: OriginProcess;
let edge: Awaited<ReturnType<typeof jobsApp>>;
beforeEach(async () => {
  origin = await startOrigin({ ORIGIN_CHUNKS: '3' });
  const pool = originsOf({ ORIGINS: `${origin.url} 1`, ORIGIN_SECRETS })!;
  edge = await jobsApp({ placement: { pool } });
});
afterEach(async () => {
  await edge.jobs.stop();
  await origin.kill();
});

const post = async (body: object) => (await edge.send('POST', '/v1/jobs', ADMIN_KEY, body)).json;
const restart = async () => {
  origin = await startOrigin({ ORIGIN_CHUNKS: '3', PORT: new URL(origin.url).port });
};
const jobOf = async (id: string) => (await edge.jobs.store.find(id))!;
/** Waits until a job has found the origin down this many times. */
const waits = (id: string, times: number) =>
  vi.waitUntil(async () => ((await jobOf(id)).waits ?? 0) >= times, { timeout: 60_000, interval: 5 });

describe('while the origin is down', () => {
  it('a job waits, reports that it waits, and finishes when the origin is back', async () => {
    await origin.kill();
    const { id } = await post({ kind: 'speech', request: { ...HEAVY, input: LONG } });
    await waits(id, 4);
    const waiting = await vi.waitUntil(async () => {
      const { json } = await edge.send('GET', `/v1/jobs/${id}`, ADMIN_KEY);
      return json.retry_at !== null && json;
    });
    expect(waiting).toMatchObject({
      state: 'queued',
      progress: { done: 0, total: 1 },
      error: { code: 'origin_unavailable' },
      deadline_at: waiting.created_at + 86_400,
    });
    // The list shows it as queued too, except during an attempt.
    await vi.waitUntil(async () => {
      const { json } = await edge.send('GET', '/v1/jobs?state=queued', ADMIN_KEY);
      return json.data[0]?.id === id;
    });
    await restart();
    const { job } = await edge.follow(id, ADMIN_KEY);
    expect(job).toMatchObject({ state: 'succeeded', retries: 0, error: null });
    expect((await origin.count()).spoken).toBe(1);
    expect(edge.tone.count.spoken).toBe(0);
  });

  it('a job that has begun continues where it stopped, and pays for each part once', async () => {
    // Turns that are all too heavy for the edge.
    const turns = Array.from({ length: 5 }, (_, i) => ({ speaker: 'a', input: `Turn ${i}. ${LONG}` }));
    const { id } = await post({ kind: 'dialogue', request: HEAVY, speakers: { a: {} }, turns });
    let seen = 0;
    while ((await jobOf(id)).done === 0) {
      seen = (await edge.jobs.store.events(id, seen)).at(-1)?.id ?? seen;
    }
    await origin.kill();
    await waits(id, 3);
    const { done, steps } = await jobOf(id);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(steps);
    await restart();
    const { job } = await edge.follow(id, ADMIN_KEY);
    expect(job).toMatchObject({ state: 'succeeded', progress: { done: steps, total: steps } });
    expect((await origin.count()).spoken).toBe(job.result.pieces - done);
  });

  it('a job may be cancelled while it waits', async () => {
    await origin.kill();
    const { id } = await post({ kind: 'speech', request: { ...HEAVY, input: LONG } });
    await waits(id, 2);
    const cancelled = await edge.send('DELETE', `/v1/jobs/${id}`, ADMIN_KEY);
    expect(cancelled.json).toMatchObject({ state: 'cancelled', retry_at: null });
    await restart();
    expect((await edge.follow(id, ADMIN_KEY)).job.state).toBe('cancelled');
    expect((await origin.count()).spoken).toBe(0);
  });
});
