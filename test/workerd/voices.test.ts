import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createEncoder } from '../../src/audio/encoder.ts';
import { createAccessControl } from '../../src/auth/access-control.ts';
import { memoryRateLimiter } from '../../src/auth/rate-limiters/memory.ts';
import type { Database } from '../../src/database/database.ts';
import { cacheApi } from '../../src/delivery/edge-cache.ts';
import { createAudioLibrary } from '../../src/delivery/stored-library.ts';
import { r2Store } from '../../src/delivery/stores/r2.ts';
import { SoriError } from '../../src/errors.ts';
import { Consents } from '../../src/voices/consents.ts';
import { Voices } from '../../src/voices/voices.ts';
import { toneEngine } from '../fixtures/tone-engine.ts';
import { ANA, BEN, hear, hum, wavOf } from '../support/hummed.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf } from './seed.ts';

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
  it('are their owner’s', async () => {
    const voices = new Voices(database);
    const { id } = await voices.create(VOICE);
    expect(await voices.find(id, 'me')).toMatchObject({ ...VOICE, id, preview: null });
    expect(await voices.find(id, 'you')).toBeUndefined();
    expect((await voices.list('me')).map((voice) => voice.id)).toEqual([id]);
    expect(await voices.list('you')).toEqual([]);
    expect(await voices.delete(id, 'you')).toEqual([]);
    const key = 'a'.repeat(64);
    await voices.track([id], key);
    await voices.track([id], key);
    expect([await voices.isTracked([id], key), await voices.audioOf(id)]).toEqual([true, [key]]);
    expect(await voices.isTracked([], key)).toBe(false);
    expect(await voices.delete(id, 'me')).toEqual([key]);
    expect([await voices.isTracked([id], key), await voices.find(id, 'me')]).toEqual([false, undefined]);
    await expect(voices.track([id], key)).rejects.toMatchObject({ code: 'voice_not_found' });
  });

  it('use a consent up, once', async () => {
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
  it('is made, speaks for its key alone, and is deleted from R2 and the cache', async () => {
    const access = createAccessControl({ database, limiter: memoryRateLimiter() });
    const bucket = bucketOf(env);
    const app = createApp({
      access,
      engine: toneEngine({ hear }).engine,
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
    const spoken = await ask('POST', '/v1/audio/speech', owner, body);
    expect(spoken.status).toBe(200);
    await spoken.arrayBuffer();
    const paths = [preview, spoken.headers.get('content-location')!];
    for (const path of paths) {
      const heard = await ask('GET', path, owner);
      expect([heard.status, heard.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
      await heard.arrayBuffer();
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
