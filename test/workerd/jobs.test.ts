import {
  abortAllDurableObjects,
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  evictDurableObject,
  getQueueResult,
  runDurableObjectAlarm,
  runInDurableObject,
  SELF,
} from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { r2Outputs } from '../../src/features/jobs/outputs/r2.ts';
import { pruneJobs } from '../../src/features/jobs/prune.ts';
import type { JobMessage, JobObject } from '../../src/features/jobs/runner/job-object.ts';
import { CLAIM_MS } from '../../src/features/jobs/runner/run.ts';
import { durableJobStore } from '../../src/features/jobs/stores/durable-object.ts';
import worker, { type Env } from '../../src/worker.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf, seedModel } from './seed.ts';

const bindings = env as unknown as Env & { JOB_OBJECTS: DurableObjectNamespace<JobObject> };
const REQUEST = { model: 'sori-2', voice: 'hazel', response_format: 'wav' };

let database: Awaited<ReturnType<typeof migratedDatabase>>;
beforeAll(async () => {
  database = await migratedDatabase();
  await seedModel(bucketOf());
});

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  SELF.fetch(`http://localhost${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly progress: { done: number; total: number };
  readonly result: { url: string; seconds: number; output: string } | null;
}

async function post(body: unknown): Promise<Answer> {
  const response = await send('POST', '/v1/jobs', body);
  expect(response.status).toBe(202);
  return (await response.json()) as Answer;
}

/** Reads a job's events until it has ended. */
async function follow(id: string, after = 0) {
  const headers: Record<string, string> = after > 0 ? { 'Last-Event-ID': String(after) } : {};
  const text = await (await send('GET', `/v1/jobs/${id}/events`, undefined, headers)).text();
  const events = [...text.matchAll(/^id: (\d+)\nevent: (\w+)$/gm)];
  const job = (await (await send('GET', `/v1/jobs/${id}`)).json()) as Answer;
  return { events: events.map(([, number, type]) => ({ id: Number(number), type })), job };
}

const store = () => durableJobStore(bindings.JOB_OBJECTS, database);
const stubOf = (id: string) => bindings.JOB_OBJECTS.get(bindings.JOB_OBJECTS.idFromName(id));

/** A job without a message in the queue. */
async function unsent(inputs: readonly string[] = ['Not sent.']) {
  const turns = inputs.map((input) => ({ speaker: 'a', input }));
  const { job } = await store().create({
    owner: 'local',
    kind: 'dialogue',
    steps: turns.length,
    createdAt: Date.now(),
    request: { request: REQUEST, speakers: { a: {} }, turns },
  });
  return job;
}

/** Gives the Worker a message, as the queue would. */
async function deliver(id: string, queue = 'sori-jobs', attempts = 1) {
  const batch = createMessageBatch<JobMessage>(queue, [
    { id: crypto.randomUUID(), timestamp: new Date(), attempts, body: { job: id } },
  ]);
  const context = createExecutionContext();
  await worker.queue(batch, bindings);
  return await getQueueResult(batch, context);
}

describe('in workerd', () => {
  it('a job whose message was lost with the queue is continued when the Worker starts', async () => {
    const { id } = await unsent();
    expect((await store().find(id))?.state).toBe('queued');
    await worker.scheduled(createScheduledController({ cron: '@started' }), bindings);
    const { job } = await follow(id);
    expect(job.state).toBe('succeeded');
  });

  it('a long text goes through the queue, step by step, and becomes one recording', async () => {
    const input = Array.from({ length: 60 }, (_, i) => `This is sentence number ${i} of a text.`).join(' ');
    const { id, state } = await post({ kind: 'long_form', request: { ...REQUEST, input } });
    expect(state).toBe('queued');
    const { events, job } = await follow(id);
    expect(events.map(({ type }) => type)).toEqual([
      ...['queued', 'running', 'progress', 'progress', 'succeeded'],
    ]);
    expect(job).toMatchObject({ state: 'succeeded', progress: { done: 2, total: 2 } });
    const audio = await send('GET', job.result!.url);
    expect([audio.status, audio.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    const bytes = await audio.arrayBuffer();
    expect((bytes.byteLength - 44) / 48_000).toBeCloseTo(job.result!.seconds, 3);
    // A client that was cut off continues after the last event that it has seen.
    const rest = await follow(id, 3);
    expect(rest.events).toEqual(events.slice(3));
  });

  it('a long recording is joined part by part, and the parts are deleted', async () => {
    // Six minutes of audio, most of it silence.
    const turns = Array.from({ length: 36 }, (_, i) => ({
      speaker: 'a',
      input: `Turn ${i % 4}.`,
      pause_ms: 10_000,
    }));
    const request = { ...REQUEST, response_format: 'opus' };
    const { id } = await post({ kind: 'dialogue', request, speakers: { a: {} }, turns });
    const { job } = await follow(id);
    // One step measures the loudness of the turns, and two encode.
    expect(job).toMatchObject({ state: 'succeeded', progress: { done: 39, total: 39 } });
    const { url, seconds } = job.result!;
    expect(seconds).toBeGreaterThan(350);
    const opus = new Uint8Array(await (await send('GET', url)).arrayBuffer());
    expect(new TextDecoder().decode(opus.subarray(0, 4))).toBe('OggS');
    // The last page has the end of the recording at 48 kHz, including the encoder's delay.
    const page = new TextDecoder('latin1').decode(opus).lastIndexOf('OggS');
    const end = new DataView(opus.buffer).getUint32(page + 6, true);
    const preSkip = new DataView(opus.buffer).getUint16(28 + 10, true);
    expect((end - preSkip) / 48_000).toBeCloseTo(seconds, 4);
    const wav = await (await send('GET', url.replace('.opus', '.wav'))).arrayBuffer();
    expect((wav.byteLength - 44) / 48_000).toBeCloseTo(seconds, 4);
    expect((await bucketOf().list({ prefix: `jobs/${id}/` })).objects).toEqual([]);
  });

  it('a batch is a file in R2', async () => {
    const body = { ...REQUEST, input: 'A line.' };
    const lines = [body, { ...body, voice: 'nobody' }].map((each, i) =>
      JSON.stringify({ custom_id: `line-${i}`, method: 'POST', url: '/v1/audio/speech', body: each }),
    );
    const { id } = await post({ kind: 'batch', input: lines.join('\n') });
    const { job } = await follow(id);
    expect(job).toMatchObject({ state: 'succeeded', result: { lines: 2, failed: 1 } });
    const output = await (await send('GET', job.result!.output)).text();
    expect(await (await bucketOf().get(`jobs/${id}/output.jsonl`))!.text()).toBe(output);
    expect(output.trim().split('\n')).toHaveLength(2);
    // The output is kept until the job expires.
    const jobs = { store: store(), outputs: r2Outputs(bucketOf()) };
    const { finishedAt = 0 } = (await jobs.store.find(id))!;
    await pruneJobs(jobs, finishedAt + 30 * 86_400_000 - 1);
    expect(await bucketOf().head(`jobs/${id}/output.jsonl`)).not.toBeNull();
    expect(await pruneJobs(jobs, finishedAt + 30 * 86_400_000)).toBeGreaterThan(0);
    expect(await bucketOf().head(`jobs/${id}/output.jsonl`)).toBeNull();
    expect((await send('GET', `/v1/jobs/${id}`)).status).toBe(404);
    const left = await runInDurableObject(stubOf(id), async (_object: JobObject, { storage }) => [
      (await storage.list()).size,
      await storage.getAlarm(),
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE 'job%'").toArray(),
    ]);
    expect(left).toEqual([0, null, []]);
  });

  it('a waiting job does nothing until its alarm, also when its message is a dead letter', async () => {
    const { id } = await unsent(['Later.']);
    const hour = Date.now() + 3_600_000;
    const fault = { code: 'origin_unavailable', message: 'Away.', param: null };
    const wait = async (retryAt: number) => {
      await store().apply(id, { type: 'begin', by: 'x', until: 0, force: true });
      await store().apply(id, { type: 'release', by: 'x', fault, retryAt, awaits: true });
    };
    await wait(hour);
    const alarm = () =>
      runInDurableObject(stubOf(id), (_object: JobObject, { storage }) => storage.getAlarm());
    expect(await alarm()).toBeGreaterThanOrEqual(hour);
    for (const queue of ['sori-jobs', 'sori-jobs-dead']) {
      const { explicitAcks } = await deliver(id, queue);
      expect(explicitAcks).toHaveLength(1);
      expect(await (await send('GET', `/v1/jobs/${id}`)).json()).toMatchObject({
        state: 'queued',
        error: { code: 'origin_unavailable' },
        retry_at: Math.floor(hour / 1000),
      });
    }
    await wait(Date.now() - 1);
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
    expect((await follow(id)).job).toMatchObject({ state: 'succeeded' });
  });

  it('a message that is delivered five times has one result', async () => {
    const { id } = await unsent(['Five times one.', 'Five times two.']);
    const results = await Promise.all(Array.from({ length: 5 }, () => deliver(id)));
    for (const { explicitAcks, retryMessages } of results) {
      expect([explicitAcks.length, retryMessages.length]).toEqual([1, 0]);
    }
    const events = await store().events(id, 0);
    expect(events.map(({ type }) => type)).toEqual([
      'queued',
      'running',
      'progress',
      'progress',
      'succeeded',
    ]);
    // A message that arrives again after the end changes nothing.
    await deliver(id);
    expect(await store().events(id, 0)).toEqual(events);
  });

  it('a transient failure is retried, and is reported when the retries end', async () => {
    const { id } = await unsent(['Broken.']);
    const { job: claimed } = (await store().apply(id, { type: 'begin', by: 'x', until: 0 }))!;
    expect(claimed.state).toBe('running');
    await store().apply(id, {
      type: 'release',
      by: 'x',
      fault: { code: 'model_unavailable', message: 'Gone.', param: null },
    });
    const { explicitAcks } = await deliver(id, 'sori-jobs-dead');
    expect(explicitAcks).toHaveLength(1);
    const { job } = await follow(id);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'model_unavailable' } });
    const retried = await send('POST', `/v1/jobs/${id}/retry`);
    expect(retried.status).toBe(202);
    const seen = (await store().find(id))!.events;
    const after = await follow(id, Math.min(seen, 4));
    expect(after.job.state).toBe('succeeded');
  });

  it('a job whose object is restarted continues where it stopped', async () => {
    const { id } = await unsent(['First.', 'Second.', 'Third.']);
    await store().apply(id, { type: 'begin', by: 'dead', until: Date.now() + CLAIM_MS });
    await deliver(id);
    expect((await store().find(id))!.state).toBe('running');
    const spoken = await store().load(id);
    expect(spoken!.outcomes).toEqual([]);
    await evictDurableObject(stubOf(id));
    expect((await store().find(id))!.claim!.by).toBe('dead');
    await abortAllDurableObjects();
    expect((await store().find(id))!.state).toBe('running');
    // Its runner has ended and its claim has expired: the alarm queues the job again.
    await store().apply(id, { type: 'begin', by: 'dead', until: Date.now() - 1, force: true });
    const sent = await runInDurableObject(stubOf(id), async (object: JobObject) => {
      await object.alarm();
      return true;
    });
    expect(sent).toBe(true);
    const { job } = await follow(id);
    expect(job).toMatchObject({ state: 'succeeded', progress: { done: 3, total: 3 } });
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(false);
  });

  it('a cancelled job does nothing more', async () => {
    const { id } = await unsent(['Never spoken.']);
    const cancelled = await send('DELETE', `/v1/jobs/${id}`);
    expect(((await cancelled.json()) as Answer).state).toBe('cancelled');
    const { explicitAcks } = await deliver(id);
    expect(explicitAcks).toHaveLength(1);
    const { job, events } = await follow(id);
    expect(events.map(({ type }) => type)).toEqual(['queued', 'cancelled']);
    expect(job.result).toBeNull();
  });

  it('the same Idempotency-Key is the same job', async () => {
    const body = { kind: 'speech', request: { ...REQUEST, input: 'Once.' } };
    const headers = { 'Idempotency-Key': 'once' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send('POST', '/v1/jobs', body, headers)),
    );
    const jobs = (await Promise.all(answers.map((answer) => answer.json()))) as Answer[];
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    const other = await send(
      'POST',
      '/v1/jobs',
      { ...body, request: { ...REQUEST, input: 'Twice.' } },
      headers,
    );
    expect(other.status).toBe(422);
    await other.body?.cancel();
    expect((await follow(jobs[0].id)).job.state).toBe('succeeded');
  });
});
