import { cache } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { cacheApi, chooseEdgeCache, type Purging, workersCache } from '../../src/library/edge-cache.ts';

const answer = (text: string) =>
  new Response(text, { headers: { 'Cache-Control': 'public, max-age=60', 'Cache-Tag': 'a,b', ETag: '"1"' } });

describe('the choice of a cache', () => {
  it('is the Cache API where the Workers Cache is off, as it is here', async () => {
    const chosen = chooseEdgeCache({ workers: cache, storage: caches })!;
    expect(chosen.automatic).toBe(false);
    await chosen.put('http://sori.test/chosen', answer('x'));
    expect(await (await caches.default.match('http://sori.test/chosen'))?.text()).toBe('x');
  });

  it('is the Workers Cache where it is on', () => {
    const on: Purging = { purge: async () => ({ success: true, errors: [] }) };
    expect(chooseEdgeCache({ workers: on, storage: caches })?.automatic).toBe(true);
  });

  it('is none where the platform has none', () => {
    expect(chooseEdgeCache({})).toBeUndefined();
    expect(chooseEdgeCache({ workers: {}, storage: {} })).toBeUndefined();
  });
});

describe('the Cache API', () => {
  it('stores, returns and purges by URL', async () => {
    const edge = cacheApi(caches.default);
    const url = 'http://sori.test/audio/x.mp3';
    expect(await edge.match(url)).toBeUndefined();
    await edge.put(url, answer('hello'));
    for (let i = 0; i < 2; i++) {
      const found = (await edge.match(url))!;
      expect(found.status).toBe(200);
      expect(found.headers.get('etag')).toBe('"1"');
      expect(await found.text()).toBe('hello');
    }
    await edge.purge(['a'], []);
    expect(await edge.match(url)).toBeDefined();
    await edge.purge(['a'], [url, 'http://sori.test/never-there']);
    expect(await edge.match(url)).toBeUndefined();
  });
});

describe('the Workers Cache', () => {
  const calls: (string[] | undefined)[] = [];
  const on: Purging = {
    async purge({ tags }) {
      calls.push(tags);
      return { success: true, errors: [] };
    },
  };

  it('leaves storing to the platform, and purges by tag', async () => {
    const edge = workersCache(on);
    await edge.put('http://sori.test/a', answer('x'));
    expect(await edge.match('http://sori.test/a')).toBeUndefined();
    await edge.purge(['prompt:welcome', 'audio:1'], ['http://sori.test/a']);
    expect(calls).toEqual([['prompt:welcome', 'audio:1']]);
  });

  it('purges many tags in as few calls as possible', async () => {
    calls.length = 0;
    await workersCache(on).purge(
      Array.from({ length: 250 }, (_, i) => `t${i}`),
      [],
    );
    expect(calls.map((tags) => tags?.length)).toEqual([100, 100, 50]);
    calls.length = 0;
    await workersCache(on).purge([], []);
    expect(calls).toEqual([]);
  });

  it('reports when the platform refuses', async () => {
    const errors = [{ code: 10013, message: 'rate limited' }];
    const full: Purging = { purge: vi.fn(async () => ({ success: false, errors })) };
    await expect(workersCache(full).purge(['a'], [])).rejects.toMatchObject({
      code: 'overloaded',
      cause: errors,
    });
  });
});
