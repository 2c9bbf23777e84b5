import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { readMeta, writeMeta } from '../../../../src/features/delivery/meta.ts';
import { keepFromOrigin } from '../../../../src/features/speech/placement/keep.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';
import { nameCaller } from '../../../../src/placement/signatures/origin-signature.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';

const BODY = { model: 'tone-1', voice: 'clara', input: 'Hello.', response_format: 'pcm' };

/** An origin with stored audio, and an edge that is to store it too. `spoil` changes the answer of the origin. */
async function setUp(
  spoil: (response: Response, request: Request) => Response | Promise<Response> = (r) => r,
) {
  const store = memoryStore();
  const origin = createApp({
    access: 'off',
    engine: toneEngine({ build: 'native' }).engine,
    createEncoder,
    library: createAudioLibrary({ store, createEncoder }),
    originGuard: { certified: () => true },
  });
  const asked: string[] = [];
  const pool = new OriginPool({
    origins: [{ url: 'https://origin.example', weight: 1 }],
    sign: async ({ caller }) => nameCaller(caller),
    fetch: async (url, init) => {
      const request = new Request(url, init);
      asked.push(`${request.method} ${new URL(url).pathname}`);
      const response = await origin.fetch(request.clone());
      return await spoil(new Response(response.body, response), request);
    },
  });
  const signal = new AbortController().signal;
  const spoken = await origin.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'x-sori-caller': 'a' },
    body: JSON.stringify(BODY),
  });
  await spoken.bytes();
  const key = spoken.headers.get('content-location')!.slice('/audio/'.length, -'.pcm'.length);
  const library = createAudioLibrary({ store: memoryStore(), createEncoder });
  const keep = (options: Partial<Parameters<typeof keepFromOrigin>[0]> = {}) =>
    keepFromOrigin({
      library,
      pool,
      origin: 'https://origin.example',
      key,
      caller: 'a',
      signal,
      keepAlive: () => {},
      ...options,
    });
  return { asked, key, keep, library, pool, store, signal };
}

const withHeaders = (edit: (headers: Headers) => void) => (response: Response) => {
  edit(response.headers);
  return response;
};

let made: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  made = await setUp();
});

describe('audio that an origin has made', () => {
  it('is copied to the edge with all its metadata', async () => {
    const { asked, key, keep, library, store } = made;
    const meta = await keep();
    const there = await store.head(`${key}.wav`);
    expect(meta).toEqual(there!.meta);
    const here = await library.head(key, 'wav');
    expect([here?.sha256, here?.meta]).toEqual([there!.sha256, there!.meta]);
    expect(asked).toEqual([`HEAD /audio/${key}.wav`, `GET /audio/${key}.wav`]);
  });

  it('is not copied where both use one bucket', async () => {
    const { asked, key, keep, store } = made;
    await keep({ library: createAudioLibrary({ store, createEncoder }) });
    expect(asked).toEqual([`HEAD /audio/${key}.wav`]);
  });

  it('is fetched only from the origin that made it', async () => {
    await expect(made.keep({ origin: 'https://other.example' })).rejects.toMatchObject({
      code: 'origin_unavailable',
    });
    expect(made.asked).toEqual([]);
  });

  it('stays at the origin when it is too long', async () => {
    expect(await made.keep({ mostBytes: 100 })).toBeUndefined();
    expect(made.asked.length).toBe(1);
    expect(await made.library.head(made.key, 'wav')).toBeNull();
  });

  it('stays at the origin while there is no room, unless it is needed', async () => {
    const full = () => createAudioLibrary({ store: memoryStore(), createEncoder, maxBytes: 10 });
    expect(await made.keep({ library: full() })).toBeUndefined();
    expect(await made.keep({ library: full(), needed: true })).toMatchObject({ samples: 7_200 });
  });

  it('never replaces stored audio of the same key, nor its formats', async () => {
    const { key, keep, library } = made;
    const meta = (await keep())!;
    const first = await library.head(key, 'wav');
    const other = new Map([['pcm' as const, new Uint8Array(2)]]);
    await library.adopt(key, new Uint8Array(44), { ...meta, samples: 0 }, other);
    expect((await library.head(key, 'wav'))?.sha256).toBe(first!.sha256);
    expect((await library.head(key, 'pcm'))?.size).toBe(7_200 * 2);
  });

  it.each<[string, (response: Response, request: Request) => Response | Promise<Response>]>([
    [
      'is not there',
      (_, { headers }) =>
        new Response(null, { status: 404, headers: { 'x-request-id': headers.get('x-request-id')! } }),
    ],
    ['says nothing of itself', withHeaders((headers) => headers.delete('x-sori-audio'))],
    ['says nonsense of itself', withHeaders((headers) => headers.set('x-sori-audio', '%7B%22'))],
    [
      'is somebody’s own',
      withHeaders((headers) =>
        headers.set('x-sori-audio', writeMeta({ ...readMeta(headers)!, owner: 'key_1' })),
      ),
    ],
    [
      'has another length than it says',
      withHeaders((headers) => headers.set('x-sori-audio', writeMeta({ ...readMeta(headers)!, samples: 3 }))),
    ],
    ['has other bytes than it says', withHeaders((headers) => headers.set('etag', `"${'0'.repeat(32)}"`))],
    [
      'is no recording',
      async (r, { method }) =>
        method === 'HEAD'
          ? r
          : new Response(new Uint8Array((await r.bytes()).length), { headers: r.headers }),
    ],
    [
      'comes in part',
      async (r, { method }) =>
        method === 'HEAD' ? r : new Response((await r.bytes()).subarray(0, 100), { headers: r.headers }),
    ],
  ])('is not copied when it %s', async (_, spoil) => {
    const { keep, library, key } = await setUp(spoil);
    await expect(keep()).rejects.toMatchObject({ code: expect.stringMatching(/^origin_/) });
    expect(await library.head(key, 'wav')).toBeNull();
  });
});

describe('metadata of audio', () => {
  it('arrives as it was written', () => {
    const meta = {
      model: 'sori-2@2.0.0',
      voice: 'ånna, clara',
      samples: 24,
      long: true,
      characters: 3,
      telephonyLoudness: null,
      loudness: -23.5,
    };
    expect(readMeta(new Headers({ 'X-Sori-Audio': writeMeta(meta) }))).toEqual(meta);
    expect(readMeta(new Headers())).toBeUndefined();
  });
});
