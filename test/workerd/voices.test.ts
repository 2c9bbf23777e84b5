import { createMessageBatch, createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { SoriError } from '../../src/base/errors.ts';
import type { Database } from '../../src/database/database.ts';
import { r2Outputs } from '../../src/features/jobs/outputs/r2.ts';
import type { JobMessage, JobObject } from '../../src/features/jobs/runner/job-object.ts';
import { createWorkerJobs } from '../../src/features/jobs/runner/worker-jobs.ts';
import { createAccessControl } from '../../src/features/keys/access-control.ts';
import { memoryRateLimiter } from '../../src/features/keys/rate-limiters/memory.ts';
import { Consents } from '../../src/features/voices/consents.ts';
import { Uploads } from '../../src/features/voices/uploads.ts';
import { Voices } from '../../src/features/voices/voice-store.ts';
import { cacheApi } from '../../src/library/edge-cache.ts';
import { createAudioLibrary } from '../../src/library/stored-library.ts';
import { r2Store } from '../../src/library/stores/r2.ts';
import worker, { type Env } from '../../src/worker.ts';
import { toneEngine } from '../fixtures/tone-engine.ts';
import { ANA, BEN, hum, styleOfHum, wavOf } from '../support/hummed.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf, hummedFile } from './seed.ts';

let database: Database;
beforeAll(async () => {
  database = await migratedDatabase();
});

const provenance = { recordings: [], consent: { kind: 'statement' as const, text: 'Yes.' }, key: 'me' };
const VOICE = {
  owner: 'me',
  name: 'Me',
  description: '',
  model: 'tone-1',
  language: 'en',
  style: 'sty_x',
  provenance,
};

describe('voices in D1', () => {
  it('belong to their owner', async () => {
    const voices = new Voices(database);
    const { id } = await voices.create(VOICE);
    expect(await voices.find(id, 'me')).toMatchObject({ ...VOICE, id, preview: null });
    expect(await voices.find(id, 'you')).toBeUndefined();
    expect((await voices.list('me')).map((voice) => voice.id)).toEqual([id]);
    expect(await voices.list('you')).toEqual([]);
    expect(await voices.delete(id, 'you')).toEqual([]);
    expect(await Promise.all(['me', 'you'].map((owner) => voices.exist([id], owner)))).toEqual([true, false]);
    expect(await voices.exist([id, 'vce_x'], 'me')).toBe(false);
    const key = 'a'.repeat(64);
    await voices.track([id], key);
    await voices.track([id], key);
    expect([await voices.isTracked([id], key), await voices.audioOf(id)]).toEqual([true, [key]]);
    expect(await voices.isTracked([], key)).toBe(false);
    expect(await voices.delete(id, 'me')).toEqual([key]);
    expect([await voices.isTracked([id], key), await voices.find(id, 'me')]).toEqual([false, undefined]);
    await expect(voices.track([id], key)).rejects.toMatchObject({ code: 'voice_not_found' });
  });

  it('accept a consent once', async () => {
    const voices = new Voices(database);
    const consents = new Consents(database);
    const { id } = await consents.create('me');
    const claim = { id, owner: 'me' };
    const results = await Promise.allSettled([voices.create(VOICE, claim), voices.create(VOICE, claim)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: expect.any(SoriError),
    });
    await expect(consents.find(claim)).rejects.toMatchObject({ code: 'invalid_consent' });
  });
});

describe('a cloned voice in workerd', () => {
  it('is made, streams for its key only, and is deleted from R2 and the cache', async () => {
    const events: string[] = [];
    const before = (index: number) => {
      if (index === 39) events.push('last sentence');
    };
    const access = createAccessControl({ database, limiter: memoryRateLimiter() });
    const bucket = bucketOf(env);
    const app = createApp({
      access,
      engine: toneEngine({ style: styleOfHum, lazy: true, chunks: 40, before }).engine,
      createEncoder,
      database,
      library: createAudioLibrary({ store: r2Store(bucket), createEncoder }),
      edgeCache: cacheApi(caches.default),
      referenceStyles: true,
    });
    const [owner, other] = await Promise.all(
      ['owner', 'other'].map(async (name) => (await access.keys!.create({ name, scopes: ['speech'] })).key),
    );
    const ask = async (method: string, path: string, key: string, body?: BodyInit) => {
      const headers = {
        Authorization: `Bearer ${key}`,
        ...(typeof body === 'string' && { 'Content-Type': 'application/json' }),
      };
      return await app.request(new Request(`https://sori.test${path}`, { method, headers, body }));
    };
    const clone = async (reader: number) => {
      const consent = (await (await ask('POST', '/v1/voices/consent', owner)).json()) as { id: string };
      const form = new FormData();
      form.set('name', 'Ana');
      form.set('consent', consent.id);
      form.append('files', new Blob([await wavOf(hum(ANA))]), 'a.wav');
      form.append('consent_recording', new Blob([await wavOf(hum(reader, 5))]), 'b.wav');
      return await ask('POST', '/v1/voices', owner, form);
    };
    expect((await clone(BEN)).status).toBe(403);
    const made = await clone(ANA);
    expect(made.status).toBe(201);
    const { id, preview } = (await made.json()) as { id: string; preview: string };
    const body = JSON.stringify({ model: 'tone-1', voice: id, input: 'Hello.', response_format: 'wav' });
    expect((await ask('POST', '/v1/audio/speech', other, body)).status).toBe(404);
    events.length = 0;
    const spoken = await ask('POST', '/v1/audio/speech', owner, body);
    expect(spoken.status).toBe(200);
    const reader = spoken.body!.getReader();
    await reader.read();
    events.push('first audio');
    while (!(await reader.read()).done);
    expect(events).toEqual(['first audio', 'last sentence']);
    const paths = [preview, spoken.headers.get('content-location')!];
    for (const path of paths) {
      const played = await ask('GET', path, owner);
      expect([played.status, played.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
      await played.arrayBuffer();
      expect((await ask('GET', path, other)).status).toBe(404);
      expect(await caches.default.match(`https://sori.test${path}`)).toBeUndefined();
    }
    const stored = async () => {
      const { objects } = await bucket.list({ prefix: 'audio/' });
      return objects.filter(({ key }) => paths.some((path) => key.startsWith(`audio/${path.slice(7, 71)}`)));
    };
    expect(await stored()).not.toEqual([]);
    expect((await ask('DELETE', `/v1/voices/${id}`, owner)).status).toBe(200);
    expect(await stored()).toEqual([]);
    for (const path of paths) expect((await ask('GET', path, owner)).status).toBe(404);
  });
});

describe('recordings in workerd', () => {
  it('of phones, browsers and messengers become styles; damaged ones are refused', async () => {
    const access = createAccessControl({ database, limiter: memoryRateLimiter() });
    const { key } = await access.keys!.create({ name: 'recordings', scopes: ['speech'] });
    const app = createApp({
      access,
      engine: toneEngine({ style: styleOfHum }).engine,
      createEncoder,
      referenceStyles: true,
    });
    const styleOf = async (bytes: Uint8Array<ArrayBuffer>, type: string) => {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': type };
      const init = { method: 'POST', headers, body: bytes };
      const response = await app.request(new Request('https://sori.test/v1/styles', init));
      return [
        response.status,
        await response.json<{ seconds?: number; error?: { code: string } }>(),
      ] as const;
    };
    for (const [file, type] of [
      ['aac.m4a', 'audio/x-m4a'],
      ['aac-fragments.mp4', 'audio/mp4'],
      ['aac.aac', 'audio/aac'],
      ['mp3.mp3', 'audio/mpeg'],
      ['opus.webm', 'audio/webm;codecs=opus'],
      ['opus.ogg', 'audio/ogg'],
      ['vorbis.ogg', 'application/ogg'],
    ] as const) {
      const bytes = await hummedFile(file, ANA);
      const [status, { seconds }] = await styleOf(bytes, type);
      expect([file, status, Math.round(seconds ?? 0)]).toEqual([file, 200, 4]);
      const [refused, { error }] = await styleOf(bytes.slice(0, 60), type);
      expect([file, refused, error?.code]).toEqual([file, 400, 'invalid_reference']);
    }
  });
});

describe('a job of kind voice in workerd', () => {
  it('that is delivered five times makes one voice; its recordings are deleted from R2', async () => {
    const bucket = bucketOf(env);
    const sent: JobMessage[] = [];
    const { JOB_OBJECTS } = env as unknown as { JOB_OBJECTS: DurableObjectNamespace<JobObject> };
    const jobs = createWorkerJobs({
      objects: JOB_OBJECTS,
      queue: { send: async (message: JobMessage) => void sent.push(message) } as unknown as Queue<JobMessage>,
      database,
      outputs: r2Outputs(bucket),
    });
    const app = createApp({
      access: 'off',
      engine: toneEngine({ style: styleOfHum }).engine,
      createEncoder,
      database,
      library: createAudioLibrary({ store: r2Store(bucket), createEncoder }),
      jobs,
      placement: {},
      referenceStyles: true,
      voiceConsent: 'statement',
    });
    const form = new FormData();
    for (const [name, value] of [
      ['kind', 'voice'],
      ['name', 'Ana'],
      ['keep', 'true'],
      ['consent_statement', 'Ana agrees.'],
      ['consent_signed_by', 'Ana'],
    ]) {
      form.set(name, value);
    }
    form.append('files', new Blob([await wavOf(hum(ANA))]), 'a.wav');
    const ask = (method: string, path: string, body?: BodyInit) =>
      app.request(new Request(`https://sori.test${path}`, { method, body }));
    const made = await ask('POST', '/v1/jobs', form);
    expect(made.status).toBe(202);
    const { id } = (await made.json()) as { id: string };
    expect(sent).toEqual([{ job: id }]);
    const uploads = async () => (await bucket.list({ prefix: 'jobs/upl_' })).objects.length;
    expect(await uploads()).toBe(1);
    const deliver = () =>
      jobs.consume(
        createMessageBatch<JobMessage>(
          'sori-jobs',
          [1, 2, 3].map((n) => ({ id: `m${n}`, timestamp: new Date(), attempts: 1, body: { job: id } })),
        ),
      );
    await deliver();
    await deliver();
    const job = (await (await ask('GET', `/v1/jobs/${id}`)).json()) as {
      state: string;
      result: { voice: string };
    };
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    const { rows } = await database.run("SELECT id FROM voices WHERE owner = 'local'");
    expect(rows).toEqual([{ id: job.result.voice }]);
    expect(await uploads()).toBe(0);
    expect((await database.run('SELECT 1 FROM voice_uploads')).rows).toEqual([]);
    // Recordings to keep are registered, so housekeeping does not delete them.
    const kept = await database.run<{ kind: string }>(
      "SELECT kind FROM voice_audio WHERE kind = 'recording'",
    );
    expect(kept.rows).toHaveLength(1);
  });
});

it('uploads that no job has read in a day are removed by the cron trigger', async () => {
  const bucket = bucketOf();
  const old = await new Uploads(database, r2Outputs(bucket), () => 1).take('me', [Uint8Array.of(1)]);
  const young = await new Uploads(database, r2Outputs(bucket)).take('me', [Uint8Array.of(2)]);
  const left = async (id: string) => (await bucket.list({ prefix: `jobs/${id}` })).objects.length;
  expect([await left(old), await left(young)]).toEqual([1, 1]);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await worker.scheduled(createScheduledController({ cron: '17 * * * *' }), env as unknown as Env);
  log.mockRestore();
  expect([await left(old), await left(young)]).toEqual([0, 1]);
});
