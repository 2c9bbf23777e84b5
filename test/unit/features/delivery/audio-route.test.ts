import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { keyOf, META } from '../../../contract/audio/audio-store.contract.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { bytes, KEY, LONG, LONG_BYTES, SHORT_BYTES, setUp } from './audio-route.setup.ts';

/** Short audio is answered from memory from the second request on; long audio always comes from the store. */
const CASES = [
  ['short, from the store', `/audio/${KEY}.mp3`, SHORT_BYTES, 0],
  ['short, from memory', `/audio/${KEY}.mp3`, SHORT_BYTES, 1],
  ['long', `/audio/${LONG}.wav`, LONG_BYTES, 0],
] as const;

describe.each(CASES)('GET /audio: %s', (_, path, whole, before) => {
  const ready = async () => {
    const set = await setUp();
    for (let i = 0; i < before; i++) await (await set.get(path)).arrayBuffer();
    // Another app over the same store, so that the app under test has had no request yet.
    const first = await (await setUp({ store: set.store })).get(path, {}, 'HEAD');
    return {
      ...set,
      etag: first.headers.get('etag')!,
      date: first.headers.get('last-modified')!,
    };
  };

  it('answers with the whole body and its headers', async () => {
    const { get } = await ready();
    const response = await get(path);
    expect(response.status).toBe(200);
    const headers = Object.fromEntries(response.headers);
    const [key, format] = path.slice('/audio/'.length).split('.');
    expect(headers).toMatchObject({
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=31536000, immutable',
      'cache-tag': `audio:${key},model:sori-2@2.0.0,voice:hazel,voice:clara`,
      'content-disposition': 'inline',
      'content-length': String(whole.length),
      'content-location': path,
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': format === 'mp3' ? 'audio/mpeg' : 'audio/wav',
      'cross-origin-resource-policy': 'cross-origin',
      'timing-allow-origin': '*',
      'x-cache': 'hit',
      'x-content-type-options': 'nosniff',
    });
    expect(headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(Math.abs(Date.parse(headers['last-modified']) - Date.now())).toBeLessThan(60_000);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(headers).not.toHaveProperty('vary');
    expect(await bytes(response)).toEqual(whole);
  });

  it('answers HEAD like GET, without the body', async () => {
    const { get } = await ready();
    const head = await get(path, { Range: 'bytes=0-1' }, 'HEAD');
    const whole = await get(path);
    expect(head.status).toBe(200);
    const without = (response: Response) =>
      [...response.headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
    expect(without(head)).toEqual(without(whole));
    expect((await bytes(head)).length).toBe(0);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, whole.length],
    ['bytes=10-19', 10, 20],
    ['bytes=900-99999999', 900, whole.length],
    ['bytes=-1', whole.length - 1, whole.length],
    ['bytes=-100', whole.length - 100, whole.length],
  ])('206: %s', async (range, from, to) => {
    const { get, etag, date } = await ready();
    for (const condition of [undefined, etag, date]) {
      const response = await get(path, { Range: range, ...(condition && { 'If-Range': condition }) });
      expect(response.status).toBe(206);
      expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${whole.length}`);
      expect(response.headers.get('content-length')).toBe(String(to - from));
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(await bytes(response)).toEqual(whole.slice(from, to));
    }
  });

  it.each(['bytes=0-1,4-5', 'bytes=5-1', 'items=0-1', 'bytes=x', ''])('200: Range %j', async (range) => {
    const { get } = await ready();
    const response = await get(path, { Range: range });
    expect(response.status).toBe(200);
    expect(response.headers.has('content-range')).toBe(false);
    expect((await bytes(response)).length).toBe(whole.length);
  });

  it.each([`bytes=${whole.length}-`, 'bytes=99999999-', 'bytes=-0'])('416: %s', async (range) => {
    const { get } = await ready();
    const response = await get(path, { Range: range });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${whole.length}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ error: { code: 'range_not_satisfiable' } });
  });

  it('If-Range with another tag, a weak tag or another date: the whole body', async () => {
    const { get, etag } = await ready();
    for (const condition of ['"other"', `W/${etag}`, 'Tue, 15 Nov 1994 12:45:26 GMT', 'nonsense']) {
      const response = await get(path, { Range: 'bytes=99999999-', 'If-Range': condition });
      expect(response.status).toBe(200);
      expect((await bytes(response)).length).toBe(whole.length);
    }
  });

  it('304 when the client has it, with the headers that a cache needs', async () => {
    const { get, etag, date } = await ready();
    const conditions: Record<string, string>[] = [
      { 'If-None-Match': etag },
      { 'If-None-Match': `"other", W/${etag}` },
      { 'If-None-Match': '*' },
      { 'If-Modified-Since': date },
      { 'If-None-Match': etag, 'If-Modified-Since': 'Tue, 15 Nov 1994 12:45:26 GMT' },
      { 'If-None-Match': etag, Range: 'bytes=0-1' },
      { 'If-None-Match': etag, Range: 'bytes=99999999-' },
    ];
    for (const method of ['GET', 'HEAD']) {
      for (const headers of conditions) {
        const response = await get(path, headers, method);
        expect(response.status).toBe(304);
        expect((await bytes(response)).length).toBe(0);
        expect(response.headers.get('etag')).toBe(etag);
        expect(response.headers.get('cache-control')).toContain('immutable');
        expect(response.headers.get('cache-tag')).toContain('audio:');
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        for (const name of ['content-length', 'content-type', 'content-range']) {
          expect(response.headers.has(name)).toBe(false);
        }
      }
    }
  });

  it('200 or 206 when the client has another version', async () => {
    const { get, etag } = await ready();
    expect((await get(path, { 'If-None-Match': '"other"' })).status).toBe(200);
    expect((await get(path, { 'If-Modified-Since': 'Tue, 15 Nov 1994 12:45:26 GMT' })).status).toBe(200);
    expect((await get(path, { 'If-Match': etag })).status).toBe(200);
    const part = await get(path, { 'If-None-Match': '"other"', 'If-Match': '*', Range: 'bytes=1-3' });
    expect(part.status).toBe(206);
    expect(await bytes(part)).toEqual(whole.slice(1, 4));
  });

  it('412 when the precondition fails', async () => {
    const { get, etag } = await ready();
    const conditions: Record<string, string>[] = [
      { 'If-Match': '"other"' },
      { 'If-Match': `W/${etag}` },
      { 'If-Unmodified-Since': 'Tue, 15 Nov 1994 12:45:26 GMT' },
      { 'If-Match': '"other"', 'If-None-Match': etag, Range: 'bytes=0-1' },
    ];
    for (const headers of conditions) {
      const response = await get(path, headers);
      expect(response.status).toBe(412);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toMatchObject({ error: { code: 'precondition_failed' } });
    }
  });

  it.each([
    ['?download', /^attachment; filename="sori-0{12}\.(mp3|wav)"; filename\*=UTF-8''sori-0{12}\.(mp3|wav)$/],
    [
      '?download=welcome',
      /^attachment; filename="welcome\.(mp3|wav)"; filename\*=UTF-8''welcome\.(mp3|wav)$/,
    ],
  ])('%s', async (query, disposition) => {
    const { get } = await ready();
    const response = await get(path + query);
    expect(response.headers.get('content-disposition')).toMatch(disposition);
    expect(await bytes(response)).toEqual(whole);
    const plain = await get(`${path}?other=1`);
    expect(plain.headers.get('content-disposition')).toBe('inline');
  });
});

describe('missing audio', () => {
  it.each([
    `/audio/${keyOf('c')}.mp3`,
    `/audio/${KEY}.exe`,
    `/audio/${KEY}.html`,
    `/audio/${KEY}.MP3`,
    `/audio/${KEY}`,
    `/audio/${KEY}.`,
    `/audio/${KEY}.mp3.html`,
    `/audio/${KEY.toUpperCase()}.mp3`,
    `/audio/${KEY.slice(1)}.mp3`,
    '/audio/..%2f..%2fetc%2fpasswd',
    '/audio/%00.mp3',
    '/audio/constructor',
    '/audio/.mp3',
    `/audio/${KEY}.__proto__`,
  ])('%s', async (path) => {
    const { get } = await setUp();
    for (const method of ['GET', 'HEAD']) {
      const response = await get(path, { Range: 'bytes=0-1', 'If-None-Match': '*' }, method);
      expect(response.status).toBe(404);
      expect(response.headers.get('cache-control')).toBe('public, max-age=10');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('content-type')).toBe('application/json');
      if (method === 'HEAD') continue;
      expect(await response.json()).toMatchObject({ error: { code: 'unknown_audio', param: null } });
    }
  });

  it('is found soon after it is stored', async () => {
    const { get, store } = await setUp();
    const path = `/audio/${keyOf('c')}.mp3`;
    expect((await get(path)).status).toBe(404);
    await store.putIfAbsent(`${keyOf('c')}.mp3`, SHORT_BYTES, META);
    expect((await get(path)).status).toBe(200);
  });

  it('answers other methods with 405', async () => {
    const { get } = await setUp();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await get(`/audio/${KEY}.mp3`, {}, method);
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    }
  });

  it('without a library: 501', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { engine } = toneEngine();
    const app = createApp({ access: 'off', engine, createEncoder });
    const response = await app.request(`/audio/${KEY}.mp3`);
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ error: { code: 'not_configured' } });
    log.mockRestore();
  });

  it('a failing store: 503, with a short Retry-After', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const broken = async () => {
      throw new Error('R2 is away');
    };
    const { get, store } = await setUp();
    const away = await setUp({
      store: { ...store, head: broken, get: broken, putIfAbsent: async () => false },
    });
    for (const headers of [{}, { Range: 'bytes=0-1' }, { 'If-None-Match': '"x"' }]) {
      const response = await away.get(`/audio/${KEY}.mp3`, headers as Record<string, string>);
      expect(response.status).toBe(503);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await response.json()).toMatchObject({ error: { code: 'storage_unavailable' } });
    }
    expect((await get(`/audio/${KEY}.mp3`)).status).toBe(200);
    log.mockRestore();
  });
});
