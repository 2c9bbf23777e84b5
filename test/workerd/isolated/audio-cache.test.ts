/**
 * The cases of the HTTP cache tests at https://github.com/http-tests/cache-tests that apply to `/audio`, by their names there, put
 * to the Worker as it runs in workerd, with R2 behind it and the Cache API in it. That an answer came out of a cache is shown by taking
 * the audio out of R2 before it is asked for again. Those tests choose what the origin answers; here the origin is the Worker itself,
 * whose answers are the same each time: fresh for a year, strong hexadecimal tags, no Vary, no Expires.
 *
 * | suite | applies and passes | does not apply, as |
 * |---|---|---|
 * | conditional-etag (21) | strong-respond, 304-etag, precedence, weak-respond, strong-respond-multiple-first, -second, -last; checks that have no right answer, here "no": strong-respond-obs-text, quoted-respond-unquoted, weak-respond-lowercase, -backslash, -omit-slash | unquoted-respond-unquoted, unquoted-respond-quoted, strong-generate-unquoted: tags here are quoted; vary-headers, vary-headers-mismatch: nothing varies by what is validated; strong-generate, weak-generate-weak: nothing becomes stale; forward, forward-unquoted: behind the cache is R2, not HTTP |
 * | partial (8) | all; parts of audio over 256 KiB are not stored, which only an optimal cache would | |
 * | vary (16) | cache-key, with `CORS_ORIGINS` too | all others: audio does not vary, and says so by sending no Vary |
 * | cdn-cache-control (21) | remove-header: none is sent, so a CDN and a browser keep answers alike | all others: they choose the field's value |
 */
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { chooseEdgeCache } from '../../../src/library/edge-cache.ts';
import { HotAudio } from '../../../src/library/hot-audio.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { r2Store } from '../../../src/library/stores/r2.ts';
import { keyOf, META, pattern } from '../../contract/audio/audio-store.contract.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';
import { bucketOf } from '../seed.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const store = r2Store(bucketOf(env));

/** Bytes of audio that is kept in memory, and of audio that only the Cache API keeps. */
const SIZES = { short: 11, long: HotAudio.MAX_BYTES + 11 };
type Size = keyof typeof SIZES;

const urlOf = (path: string) => `http://localhost${path}`;
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  worker.fetch(urlOf(path), { method, headers });
/** Comparing bytes one by one, as `toEqual` does, takes longer than all the rest. */
async function expectBytes(response: Response, expected: Uint8Array) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(bytes.length).toBe(expected.length);
  expect(bytes.every((byte, i) => byte === expected[i])).toBe(true);
}

let keys = 0;
/** Stores new audio. */
async function stored(size: Size) {
  const name = `${keyOf(`f${++keys}`)}.mp3`;
  const whole = pattern(SIZES[size], keys);
  await store.putIfAbsent(name, whole, META);
  return { path: `/audio/${name}`, whole, forget: () => store.delete([name]) };
}

/** Stores new audio, lets the caches take it, and takes it out of R2. */
async function cached(size: Size) {
  const audio = await stored(size);
  const response = await ask(audio.path);
  await expectBytes(response, audio.whole);
  await expect.poll(async () => (await caches.default.match(urlOf(audio.path))) !== undefined).toBe(true);
  await audio.forget();
  const { headers } = response;
  return { ...audio, etag: headers.get('etag')!, date: headers.get('last-modified')! };
}

describe.each(['short', 'long'] as const)('%s audio', (size) => {
  describe('conditional-etag', () => {
    it.each<[string, number, (etag: string, date: string) => Record<string, string>]>([
      ['strong-respond', 304, (etag) => ({ 'If-None-Match': etag })],
      ['weak-respond', 304, (etag) => ({ 'If-None-Match': `W/${etag}` })],
      ['strong-respond-multiple-first', 304, (etag) => ({ 'If-None-Match': `${etag}, "1234", "5678"` })],
      ['strong-respond-multiple-second', 304, (etag) => ({ 'If-None-Match': `"1234", ${etag}, "5678"` })],
      ['strong-respond-multiple-last', 304, (etag) => ({ 'If-None-Match': `"1234", "5678", ${etag}` })],
      [
        'precedence: the tag matches, the date does not',
        304,
        (etag) => ({ 'If-None-Match': etag, 'If-Modified-Since': 'Tue, 15 Nov 1994 12:45:26 GMT' }),
      ],
      [
        'precedence: the date matches, the tag does not',
        200,
        (_, date) => ({ 'If-None-Match': '"1234"', 'If-Modified-Since': date }),
      ],
      ['strong-respond-obs-text', 200, () => ({ 'If-None-Match': '"abcdefü"' })],
      ['quoted-respond-unquoted', 200, (etag) => ({ 'If-None-Match': etag.slice(1, -1) })],
      ['weak-respond-lowercase', 200, (etag) => ({ 'If-None-Match': `w/${etag}` })],
      ['weak-respond-backslash', 200, (etag) => ({ 'If-None-Match': `W\\${etag}` })],
      ['weak-respond-omit-slash', 200, (etag) => ({ 'If-None-Match': `W${etag}` })],
    ])('%s: %d', async (_, status, condition) => {
      const { path, whole, etag, date } = await cached(size);
      for (const method of ['GET', 'HEAD']) {
        const response = await ask(path, condition(etag, date), method);
        expect(response.status).toBe(status);
        // 304-etag
        expect(response.headers.get('etag')).toBe(etag);
        expect(response.headers.get('last-modified')).toBe(date);
        expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        const empty = status === 304 || method === 'HEAD';
        await expectBytes(response, empty ? new Uint8Array() : whole);
      }
    });
  });

  describe('partial, of what was stored whole', () => {
    it.each([
      ['store-complete-reuse-partial', 'bytes=0-1', 0, 2],
      ['store-complete-reuse-partial-no-last', 'bytes=1-', 1, SIZES[size]],
      ['store-complete-reuse-partial-suffix', 'bytes=-1', SIZES[size] - 1, SIZES[size]],
      ['in the middle', 'bytes=4-7', 4, 8],
    ])('%s: %s', async (_, range, from, to) => {
      const { path, whole, etag } = await cached(size);
      const response = await ask(path, { Range: range, 'If-Range': etag });
      expect(response.status).toBe(206);
      expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${whole.length}`);
      expect(response.headers.get('content-length')).toBe(String(to - from));
      await expectBytes(response, whole.slice(from, to));
    });

    it('ranges that cannot be satisfied, and those that If-Range excludes', async () => {
      const { path, whole } = await cached(size);
      const beyond = await ask(path, { Range: `bytes=${whole.length}-` });
      expect(beyond.status).toBe(416);
      expect(beyond.headers.get('content-range')).toBe(`bytes */${whole.length}`);
      const other = await ask(path, { Range: 'bytes=0-1', 'If-Range': '"1234"' });
      expect(other.status).toBe(200);
      await expectBytes(other, whole);
    });
  });

  it('vary-cache-key: no request header leads to another answer', async () => {
    const { path, whole, etag } = await cached(size);
    const requests: Record<string, string>[] = [
      { Accept: 'text/html' },
      { 'Accept-Encoding': 'br, gzip' },
      { 'Accept-Language': 'de', Cookie: 'a=b', 'User-Agent': 'x' },
      { Origin: 'https://a.test', Authorization: 'Bearer x', 'Cache-Control': 'no-cache' },
    ];
    for (const headers of requests) {
      const response = await ask(path, headers);
      expect(response.status).toBe(200);
      expect(response.headers.has('vary')).toBe(false);
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('content-encoding')).toBeNull();
      await expectBytes(response, whole);
    }
  });
});

describe('partial, of a file that was first requested in part', () => {
  it.each([
    ['store-partial-reuse-partial', 'bytes=-5', 6, 11],
    ['store-partial-reuse-partial-byterange', 'bytes=6-8', 6, 9],
    ['store-partial-reuse-partial-absent', 'bytes=6-', 6, 11],
    ['store-partial-reuse-partial-suffix', 'bytes=-1', 10, 11],
    ['store-partial-complete', '', 0, 11],
  ])('%s: then %s', async (_, range, from, to) => {
    const { path, whole, forget } = await stored('short');
    const first = await ask(path, { Range: 'bytes=-5' });
    await expectBytes(first, whole.slice(-5));
    await forget();
    const response = await ask(path, range ? { Range: range } : {});
    expect(response.status).toBe(range ? 206 : 200);
    await expectBytes(response, whole.slice(from, to));
  });

  it('a part of long audio is not stored', async () => {
    const { path, whole, forget } = await stored('long');
    const first = await ask(path, { Range: 'bytes=-5' });
    expect(first.status).toBe(206);
    await expectBytes(first, whole.slice(-5));
    await forget();
    expect((await ask(path, { Range: 'bytes=-5' })).status).toBe(404);
  });
});

it('vary-cache-key: nor does an Origin header, where only some origins may call the API', async () => {
  const library = createAudioLibrary({ store, createEncoder });
  const edgeCache = chooseEdgeCache({ storage: caches });
  const corsOrigins = ['https://a.test'];
  const { engine } = toneEngine();
  const app = createApp({ access: 'off', engine, createEncoder, library, edgeCache, corsOrigins });
  for (const size of ['short', 'long'] as const) {
    const { path, whole } = await cached(size);
    for (const origin of ['https://a.test', undefined, 'https://b.test', 'https://a.test']) {
      const response = await app.request(urlOf(path), { headers: origin ? { Origin: origin } : undefined });
      expect(response.status).toBe(200);
      expect(response.headers.has('vary')).toBe(false);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      await expectBytes(response, whole);
    }
  }
});

it('cdn-cache-control: a CDN and a browser get the same policy, once', async () => {
  const { path, etag } = await cached('short');
  const requests: [string, Record<string, string>][] = [
    [path, {}],
    [path, { 'If-None-Match': etag }],
    [path, { Range: 'bytes=0-1' }],
    [path, { Range: 'bytes=99-' }],
    [path, { 'If-Match': '"1234"' }],
    [`/audio/${keyOf('9')}.mp3`, {}],
  ];
  const told = [];
  for (const [url, headers] of requests) {
    const response = await ask(url, headers);
    for (const name of [
      'cdn-cache-control',
      'cloudflare-cdn-cache-control',
      'surrogate-control',
      'expires',
    ]) {
      expect(response.headers.has(name)).toBe(false);
    }
    told.push(`${response.status} ${response.headers.get('cache-control')}`);
  }
  expect(told).toEqual([
    '200 public, max-age=31536000, immutable',
    '304 public, max-age=31536000, immutable',
    '206 public, max-age=31536000, immutable',
    '416 no-store',
    '412 no-store',
    '404 public, max-age=10',
  ]);
});

it('only complete audio is put into the Cache API, without headers for one client', async () => {
  const { path } = await stored('short');
  const missing = `/audio/${keyOf('8')}.mp3`;
  await ask(missing);
  await ask(path, { Range: 'bytes=99-' });
  expect(await caches.default.match(urlOf(missing))).toBeUndefined();
  const first = await ask(`${path}?download=mine`, { 'x-request-id': 'mine', Origin: 'https://a.test' });
  expect(first.headers.get('content-disposition')).toContain('mine');
  await expect.poll(async () => (await caches.default.match(urlOf(path)))?.status).toBe(200);
  const kept = (await caches.default.match(urlOf(path)))!;
  expect(kept.headers.get('content-disposition')).toBe('inline');
  expect(kept.headers.has('x-request-id')).toBe(false);
  expect(kept.headers.has('access-control-allow-origin')).toBe(false);
  expect(await caches.default.match(urlOf(`${path}?download=mine`))).toBeUndefined();
});
