import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import type { NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { MAX_ATTEMPTS } from '../../../../src/features/jobs/runner/run.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';
import { nameCaller } from '../../../../src/placement/signatures/origin-signature.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { jobsApp, REQUEST } from '../../../support/apps/jobs-app.ts';

let running: NodeJobs | undefined;
afterEach(async () => await running?.stop());

/** Waits until a job was started `times` times. */
async function started(id: string, times: number): Promise<void> {
  let last = 0;
  while (times > 0) {
    for (const event of await running!.store.events(id, last)) {
      last = event.id;
      if (event.type === 'running') times--;
    }
  }
}

const DAY_MS = 86_400_000;
const HEAVY = { ...REQUEST, input: 'Heavy. '.repeat(200), refine_steps: 32 };

/** An edge with jobs, and an origin behind it that may be down. */
async function setUp(options: Parameters<typeof jobsApp>[0] = {}) {
  const tone = toneEngine();
  const origin = createApp({
    access: 'off',
    engine: tone.engine,
    createEncoder,
    library: createAudioLibrary({ store: memoryStore(), createEncoder }),
    originGuard: { certified: () => true },
  });
  const state = { up: true, asked: 0 };
  class Pool extends OriginPool {
    override get up() {
      return state.up;
    }
  }
  const pool = new Pool({
    origins: [{ url: 'https://origin.example', weight: 1 }],
    sign: async ({ caller }) => nameCaller(caller),
    breaker: { failures: Number.POSITIVE_INFINITY },
    fetch: async (url, init) => {
      if (init.method === 'POST') state.asked++;
      if (!state.up) throw new TypeError('It is down.');
      return await origin.request(url, init);
    },
  });
  const edge = await jobsApp({ placement: { pool }, ...options });
  running = edge.jobs;
  const { key } = await edge.makeKey({ scopes: ['speech'], monthlyCharacters: 10_000 });
  const used = async () =>
    (await edge.database.run('SELECT sum(characters) AS n FROM quota_months')).rows[0].n;
  return { ...edge, key, state, origin: tone, used };
}

describe('jobs at an edge', () => {
  it('send heavy speech to an origin, store it, and charge it once', async () => {
    const { send, key, follow, origin, tone, used } = await setUp();
    for (let i = 0; i < 2; i++) {
      const { json } = await send('POST', '/v1/jobs', key, { kind: 'speech', request: HEAVY });
      const { job } = await follow(json.id, key);
      expect(job).toMatchObject({ state: 'succeeded', result: { format: 'mp3', seconds: 0.3 } });
      expect((await send('GET', job.result.url)).status).toBe(200);
      expect(await used()).toBe(1400);
    }
    expect([origin.count.spoken, tone.count.spoken]).toEqual([1, 0]);
  });

  it('speak light work at the edge', async () => {
    const { send, key, follow, state, tone } = await setUp();
    const { json } = await send('POST', '/v1/jobs', key, {
      kind: 'speech',
      request: { ...REQUEST, input: 'Light.' },
    });
    expect((await follow(json.id, key)).job.state).toBe('succeeded');
    expect([state.asked, tone.count.spoken]).toEqual([0, 1]);
  });

  it('report that they wait while no origin answers, and continue when one does', async () => {
    const { send, key, follow, state } = await setUp();
    state.up = false;
    const request = { ...HEAVY, input: 'Too heavy. '.repeat(300) };
    const { json } = await send('POST', '/v1/jobs', key, { kind: 'speech', request });
    const look = async () => (await send('GET', `/v1/jobs/${json.id}`, key)).json;
    // Waiting for an origin does not count as a failed attempt: there are more starts than attempts are allowed.
    await started(json.id, MAX_ATTEMPTS + 2);
    const waiting = await vi.waitUntil(async () => {
      const job = await look();
      return job.retry_at !== null && job;
    });
    expect(waiting).toMatchObject({
      state: 'queued',
      error: { code: 'origin_unavailable' },
      deadline_at: waiting.created_at + 86_400,
      expires_at: null,
    });
    state.up = true;
    const { job } = await follow(json.id, key);
    expect(job).toMatchObject({ state: 'succeeded', error: null, retry_at: null, deadline_at: null });
    expect(job.expires_at - job.finished_at).toBe(30 * 86_400);
  });

  it('fail at their deadline, and cost nothing', async () => {
    let passed = 0;
    const { send, key, follow, state, used } = await setUp({ now: () => Date.now() + passed });
    state.up = false;
    const request = { ...HEAVY, input: 'Too heavy. '.repeat(300) };
    const { json } = await send('POST', '/v1/jobs', key, { kind: 'speech', request });
    await started(json.id, 3);
    passed = DAY_MS;
    const { job, events } = await follow(json.id, key);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'origin_unavailable' } });
    expect((await used()) ?? 0).toBe(0);
    state.up = true;
    await send('POST', `/v1/jobs/${json.id}/retry`, key);
    const after = await follow(json.id, key, { 'Last-Event-ID': String(events.at(-1)!.id) });
    expect(after.job.state).toBe('succeeded');
  });
});
