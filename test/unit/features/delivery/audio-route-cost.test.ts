import { describe, expect, it, vi } from 'vitest';
import type { EdgeCache } from '../../../../src/library/edge-cache.ts';
import { bytes, KEY, LONG, LONG_BYTES, SHORT_BYTES, setUp } from './audio-route.setup.ts';

describe('the storage reads of a request', () => {
  it('reads short audio once', async () => {
    const { get, asked } = await setUp();
    await get(`/audio/${KEY}.mp3`);
    await get(`/audio/${KEY}.mp3`);
    await get(`/audio/${KEY}.mp3`, { Range: 'bytes=0-9' });
    await get(`/audio/${KEY}.mp3`, {}, 'HEAD');
    await get(`/audio/${KEY}.mp3`, { 'If-None-Match': '"x"' });
    expect(asked).toEqual(['get']);
  });

  it('reads only the requested part of long audio', async () => {
    const { get, asked } = await setUp();
    await get(`/audio/${LONG}.wav`, { Range: 'bytes=100-199' });
    expect(asked).toEqual(['head', 'get 100+100']);
    asked.length = 0;
    await get(`/audio/${LONG}.wav`, { 'If-None-Match': '*' });
    await get(`/audio/${LONG}.wav`, {}, 'HEAD');
    expect(asked).toEqual(['head', 'head']);
  });
});

describe('with the Cache API', () => {
  /** A cache that keeps everything and records the calls. */
  const keeping = (kept = new Map<string, Response>()) => {
    const edgeCache: EdgeCache = {
      automatic: false,
      match: async (url) => kept.get(url)?.clone(),
      put: async (url, response) => {
        const { headers } = response;
        kept.set(url, new Response(await response.arrayBuffer(), { headers }));
      },
      purge: async (_tags, urls) => {
        for (const url of urls) kept.delete(url);
      },
    };
    return { kept, edgeCache };
  };

  it.each([
    ['short', `/audio/${KEY}.mp3`, SHORT_BYTES],
    ['long', `/audio/${LONG}.wav`, LONG_BYTES],
  ])(
    '%s audio is stored once only; ranges and conditions are answered from the cache',
    async (_, path, whole) => {
      const { kept, edgeCache } = keeping();
      const first = await setUp({ edgeCache });
      const whole1 = await first.get(`${path}?download=x`);
      expect(await bytes(whole1)).toEqual(whole);
      await expect.poll(() => [...kept.keys()]).toEqual([`http://sori.test${path}`]);

      // Another isolate of the same data centre.
      const second = await setUp({ edgeCache });
      const part = await second.get(path, { Range: 'bytes=-10' });
      expect(part.status).toBe(206);
      expect(await bytes(part)).toEqual(whole.slice(-10));
      const third = await setUp({ edgeCache });
      const etag = part.headers.get('etag')!;
      expect((await third.get(path, { 'If-None-Match': etag })).status).toBe(304);
      expect((await third.get(path, {}, 'HEAD')).headers.get('content-length')).toBe(String(whole.length));
      const again = await third.get(path);
      const same = (response: Response) =>
        [...response.headers].filter(([name]) => !['x-request-id', 'content-disposition'].includes(name));
      expect(same(again)).toEqual(same(whole1));
      expect(await bytes(again)).toEqual(whole);
      expect([...second.asked, ...third.asked]).toEqual([]);
    },
  );

  it('works without a failing cache, and does not wait for it', async () => {
    const broken = async () => {
      throw new Error('the cache is away');
    };
    const edgeCache: EdgeCache = { automatic: false, match: broken, put: broken, purge: broken };
    const { get } = await setUp({ edgeCache });
    expect(await bytes(await get(`/audio/${KEY}.mp3`))).toEqual(SHORT_BYTES);
    const never = () => new Promise<never>(() => {});
    const slow = await setUp({ edgeCache: { ...edgeCache, put: never } });
    expect(await bytes(await slow.get(`/audio/${LONG}.wav`))).toEqual(LONG_BYTES);
  });

  it('ignores cache entries that it did not store', async () => {
    const { kept, edgeCache } = keeping();
    kept.set(`http://sori.test/audio/${KEY}.mp3`, new Response('<script>', { headers: { ETag: '"x"' } }));
    const { get } = await setUp({ edgeCache });
    const response = await get(`/audio/${KEY}.mp3`);
    expect(await bytes(response)).toEqual(SHORT_BYTES);
  });

  it('does not use an automatic cache itself', async () => {
    const edgeCache: EdgeCache = {
      automatic: true,
      match: vi.fn(async () => undefined),
      put: vi.fn(async () => {}),
      purge: vi.fn(async () => {}),
    };
    const { get, asked } = await setUp({ edgeCache });
    await bytes(await get(`/audio/${LONG}.wav`));
    expect(edgeCache.match).not.toHaveBeenCalled();
    expect(edgeCache.put).not.toHaveBeenCalled();
    expect(asked).toEqual(['get']);
  });
});
