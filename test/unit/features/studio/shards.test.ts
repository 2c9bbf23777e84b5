import { describe, expect, it } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import type { ShardSource } from '../../../../src/shards/source.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { memorySource } from '../../../support/models/memory-source.ts';

const { engine } = toneEngine();
const [model] = engine.names;
const SHARD = `${'0123456789abcdef'.repeat(4)}.bin`;
const files = new Map([
  ['manifest.json', new TextEncoder().encode('{"name": "tone"}')],
  [SHARD, Uint8Array.of(1, 2, 3)],
]);
const appOver = (shards?: ShardSource) => createApp({ access: 'off', engine, createEncoder, shards });
const app = appOver(memorySource(model, files));

describe('GET /shards/{model}/{file}', () => {
  it('returns a shard that browsers may store for ever', async () => {
    const response = await app.request(`/shards/${model}/${SHARD}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(files.get(SHARD));
  });

  it('returns the manifest, which browsers revalidate each time', async () => {
    const response = await app.request(`/shards/${model}/manifest.json`);
    expect(await response.json()).toEqual({ name: 'tone' });
    expect(response.headers.get('cache-control')).toBe('public, no-cache');
    const headers = { 'If-None-Match': response.headers.get('etag')! };
    expect((await app.request(`/shards/${model}/manifest.json`, { headers })).status).toBe(304);
  });

  it.each([
    `/shards/other/manifest.json`,
    `/shards/${model}/${'f'.repeat(64)}.bin`,
    `/shards/${model}/secrets.txt`,
    `/shards/${model}/..%2f..%2faudio%2fx`,
  ])('refuses %s', async (path) => {
    const response = await app.request(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('is 501 without a source, and 503 when the source is unavailable', async () => {
    expect((await appOver().request(`/shards/${model}/manifest.json`)).status).toBe(501);
    const away = { name: 'away', read: () => Promise.reject(new Error('away')) };
    const response = await appOver(away).request(`/shards/${model}/manifest.json`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'storage_unavailable' } });
  });
});
