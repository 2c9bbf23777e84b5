import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppDependencies } from '../../../../src/app.ts';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, FORMAT_INFO, KNOWN_LENGTH_FORMATS } from '../../../../src/audio/format.ts';
import { migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import { createAccessControl } from '../../../../src/features/keys/access-control.ts';
import { memoryRateLimiter } from '../../../../src/features/keys/rate-limiters/memory.ts';
import { signQuery } from '../../../../src/http/signed-url.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { deferred } from '../../../support/deferred.ts';

const PATH = '/v1/audio/speech';
const BODY = { model: 'tone-1', voice: 'clara', input: 'Hello.' };
const KEYS = new Map([
  ['k2', 'a new secret of forty characters, or so.'],
  ['k1', 'an old secret of forty characters, or so'],
]);

const log = vi.spyOn(console, 'error');
beforeEach(() => void log.mockReset().mockImplementation(() => {}));

function setUp(more: Partial<AppDependencies> = {}) {
  const tone = toneEngine();
  const library = createAudioLibrary({ store: memoryStore(), createEncoder });
  const app = createApp({
    access: 'off',
    engine: tone.engine,
    createEncoder,
    library,
    signingKeys: KEYS,
    ...more,
  });
  const post = (path: string, body: unknown, headers: HeadersInit = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const sign = (body: object = {}, headers?: HeadersInit) =>
    post(`${PATH}/sign`, { ...BODY, ...body }, headers);
  const urlOf = async (body?: object, headers?: HeadersInit) => {
    const response = await sign(body, headers);
    expect(response.status, await response.clone().text()).toBe(200);
    return ((await response.json()) as { url: string }).url;
  };
  return { ...tone, app, post, sign, urlOf };
}

const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

describe('POST /v1/audio/speech/sign', () => {
  it('returns a working URL and its expiry', async () => {
    const { app, sign, count } = setUp();
    const before = Math.floor(Date.now() / 1000);
    const response = await sign({ expires_in: 604_800 });
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const { url, expires_at } = (await response.json()) as { url: string; expires_at: string };
    const expires = Date.parse(expires_at) / 1000 - before;
    expect(expires).toBeGreaterThanOrEqual(604_800);
    expect(expires).toBeLessThan(604_810);
    expect(new URL(url).searchParams.get('exp')).toBe(String(Date.parse(expires_at) / 1000));
    expect(count.spoken).toBe(0);

    const audio = await app.request(url);
    expect(audio.status).toBe(200);
    expect(audio.headers.get('Content-Type')).toBe('audio/mpeg');
    expect(count.spoken).toBe(1);
  });

  it('is valid for an hour by default', async () => {
    const { sign } = setUp();
    const { expires_at } = (await (await sign()).json()) as { expires_at: string };
    const seconds = (Date.parse(expires_at) - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(3590);
    expect(seconds).toBeLessThanOrEqual(3600);
  });

  it('signs only the fields of the body, so that a URL is as short as its request', async () => {
    const { urlOf } = setUp();
    const { searchParams } = new URL(
      await urlOf({ speed: 1.5, emotion: { happy: 0.5 }, instructions: 'Sing.' }),
    );
    const { exp, sig, ...rest } = Object.fromEntries(searchParams);
    expect(exp).toMatch(/^\d+$/);
    expect(sig).toMatch(/^[\w-]{43}$/);
    expect(rest).toEqual({ ...BODY, speed: '1.5', emotion: '{"happy":0.5}', kid: 'k2' });
  });

  it.each([
    ['no body', undefined, 'invalid_json'],
    ['no object', [1], 'invalid_type'],
    ['no input', { ...BODY, input: undefined }, 'missing_required_parameter'],
    ['an unknown voice', { ...BODY, voice: 'nobody' }, 'unknown_voice'],
    ['an unknown model', { ...BODY, model: 'sori-9' }, 'unknown_model'],
    ['a wrong speed', { ...BODY, speed: 9 }, 'invalid_value'],
    ['JSON as format', { ...BODY, response_format: 'json' }, 'unsupported_format'],
    ['events', { ...BODY, stream_format: 'sse' }, 'conflicting_parameters'],
    ['timestamps', { ...BODY, timestamps: 'word' }, 'conflicting_parameters'],
    ['an audio_format', { ...BODY, audio_format: 'wav' }, 'conflicting_parameters'],
    ['a recording', { ...BODY, voice: undefined, style: 'data:audio/wav;base64,AAAA' }, 'invalid_style'],
    ['no time at all', { ...BODY, expires_in: 0 }, 'invalid_value'],
    ['half a second', { ...BODY, expires_in: 0.5 }, 'invalid_value'],
    ['eleven years', { ...BODY, expires_in: 11 * 365 * 86_400 }, 'invalid_value'],
    ['words for a time', { ...BODY, expires_in: '7d' }, 'invalid_type'],
    ['a text too long for a URL', { ...BODY, input: '말'.repeat(1000) }, 'string_above_max_length'],
  ])('refuses %s', async (_, body, code) => {
    const { post, count } = setUp();
    const response = await post(`${PATH}/sign`, body);
    expect([response.status === 404 || response.status === 400, await codeOf(response)]).toEqual([
      true,
      code,
    ]);
    expect(count.spoken).toBe(0);
  });

  it('needs signing keys', async () => {
    for (const signingKeys of [undefined, new Map<string, string>()]) {
      const { sign, app } = setUp({ signingKeys });
      for (const response of [await sign(), await app.request(`${PATH}?input=Hello&sig=x`)]) {
        expect(response.status).toBe(501);
        expect(await codeOf(response)).toBe('not_configured');
      }
    }
  });
});

describe('GET /v1/audio/speech', () => {
  it('synthesizes once, and returns the same as POST', async () => {
    const { app, post, urlOf, count } = setUp();
    const url = await urlOf({ response_format: 'wav' });
    const first = await app.request(url);
    const second = await app.request(url);
    expect([first.headers.get('X-Cache'), second.headers.get('X-Cache')]).toEqual(['miss', 'coalesced']);
    const bytes = await first.bytes();
    expect(await second.bytes()).toEqual(bytes);
    const posted = await post(PATH, { ...BODY, response_format: 'wav' });
    expect(await posted.bytes()).toEqual(bytes);
    expect(posted.headers.get('Content-Location')).toBe(first.headers.get('Content-Location'));
    const stored = await app.request(first.headers.get('Content-Location')!);
    expect(await stored.bytes()).toEqual(bytes);
    expect(count.spoken).toBe(1);
  });

  it.each(AUDIO_FORMATS)('speaks %s', async (format) => {
    const { app, urlOf } = setUp();
    const response = await app.request(await urlOf({ response_format: format }));
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe(FORMAT_INFO[format].contentType);
    const length = (await response.arrayBuffer()).byteLength;
    expect(length).toBeGreaterThan(100);
    const known = KNOWN_LENGTH_FORMATS.includes(format);
    expect(response.headers.get('Content-Length')).toBe(known ? String(length) : null);
  });

  it('streams a miss, and concurrent misses share one synthesis', async () => {
    const gate = deferred();
    const tone = toneEngine({ lazy: true, before: (index) => (index === 1 ? gate.promise : undefined) });
    const { app, urlOf } = setUp({ engine: tone.engine });
    for (const [response_format, cached] of [
      ['mp3', 'public'],
      ['flac', 'no-store'],
    ] as const) {
      const url = await urlOf({ response_format, input: `As ${response_format}.` });
      const answers = [await app.request(url), await app.request(url, { headers: { Range: 'bytes=0-' } })];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map(({ headers }) => headers.get('X-Cache'))).toEqual(['miss', 'coalesced']);
      // Stored FLAC states its length, which is not known while streaming.
      for (const { headers } of answers) expect(headers.get('Cache-Control')).toContain(cached);
      const readers = answers.map(({ body }) => body!.getReader());
      for (const reader of readers) expect((await reader.read()).value?.length).toBeGreaterThan(0);
      gate.resolve();
      for (const reader of readers) while (!(await reader.read()).done);
      const stored = await app.request(answers[0].headers.get('Content-Location')!);
      expect(stored.status).toBe(200);
      expect((await app.request(url)).headers.get('X-Cache')).toBe('hit');
    }
    expect(tone.count.spoken).toBe(2);
  });

  it('accepts every field as POST does', async () => {
    const { app, post, urlOf, requests } = setUp();
    const fields = {
      voice: { clara: 0.75, hazel: 0.25 },
      language: 'en-AU',
      speed: 1.25,
      pitch: -2,
      pitch_range: 1.5,
      energy: -3,
      pauses: 0,
      emotion: { happy: 0.6, sad: 0.4 },
      alpha: 0.3,
      beta: 0.7,
      diffusion_steps: 4,
      embedding_scale: 1.5,
      seed: 7,
      refine_steps: 2,
      loudness: -19.5,
      pronunciations: { Sori: 'ˈsɔːɹi' },
      input: 'Sori & “friends”: 100 % + more? ✓\nYes.',
    };
    const response = await app.request(await urlOf(fields));
    expect(response.status).toBe(200);
    const posted = await post(PATH, { ...BODY, ...fields });
    expect(posted.headers.get('Content-Location')).toBe(response.headers.get('Content-Location'));
    expect(posted.headers.get('X-Cache')).toBe('hit');
    expect(requests.length).toBe(1);
    for (const loudness of ['off', -23]) {
      expect((await app.request(await urlOf({ loudness }))).status).toBe(200);
    }
  });

  it('accepts text that looks like JSON or a number', async () => {
    const { app, urlOf, requests } = setUp();
    for (const input of ['{"happy":1}', '42', 'null', '"quoted"']) {
      expect((await app.request(await urlOf({ input }))).status).toBe(200);
    }
    expect(requests.map(({ input }) => input)).toEqual(['{"happy":1}', '42', 'null', '"quoted"']);
  });

  it('may leave out the model', async () => {
    const { app, count } = setUp();
    const expires = Math.floor(Date.now() / 1000) + 60;
    const query = await signQuery(KEYS, {
      path: PATH,
      parameters: { input: 'Hi.', voice: 'clara' },
      expires,
    });
    expect((await app.request(`${PATH}?${query}`)).status).toBe(200);
    expect(count.spoken).toBe(1);
  });

  it.each([
    [60, 60],
    [604_800, 86_400],
  ])('with %i s to expiry may be cached for at most %i s', async (expires_in, most) => {
    const { app, urlOf } = setUp();
    const response = await app.request(await urlOf({ expires_in }));
    const [, seconds] = response.headers.get('Cache-Control')!.match(/^public, max-age=(\d+)$/)!;
    expect(Number(seconds)).toBeLessThanOrEqual(most);
    expect(Number(seconds)).toBeGreaterThan(most - 10);
  });

  it('supports HEAD, ranges and conditional requests', async () => {
    const { app, urlOf } = setUp();
    const url = await urlOf({ response_format: 'wav' });
    const head = await app.request(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const size = Number(head.headers.get('Content-Length'));
    expect(size).toBeGreaterThan(1000);
    const part = await app.request(url, { headers: { Range: 'bytes=0-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'RIFF']);
    const etag = head.headers.get('ETag')!;
    expect((await app.request(url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it.each([
    ['unsigned', () => `${PATH}?${new URLSearchParams(BODY)}`, 'invalid_signature'],
    ['bare', () => PATH, 'invalid_signature'],
    ['tampered with', (url: string) => url.replace('Hello', 'Hullo'), 'invalid_signature'],
    ['asked for more', (url: string) => `${url}&speed=2`, 'invalid_signature'],
    ['signed by nobody', (url: string) => url.replace('kid=k2', 'kid=k3'), 'invalid_signature'],
  ])('synthesizes nothing when %s', async (_, forge, code) => {
    const { app, urlOf, count } = setUp();
    const url = forge(await urlOf());
    for (const method of ['GET', 'HEAD']) {
      const response = await app.request(url, { method });
      expect(response.status).toBe(403);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      if (method === 'GET') expect(await codeOf(response)).toBe(code);
    }
    expect(count.spoken).toBe(0);
  });

  it('synthesizes nothing after its expiry, and refuses stored audio too', async () => {
    const { app, urlOf, count } = setUp();
    const url = await urlOf({ expires_in: 1 });
    expect((await app.request(url)).status).toBe(200);
    vi.useFakeTimers({ now: Date.now() + 2000, toFake: ['Date'] });
    try {
      const response = await app.request(url);
      expect([response.status, await codeOf(response)]).toEqual([403, 'expired_signature']);
    } finally {
      vi.useRealTimers();
    }
    expect(count.spoken).toBe(1);
  });

  it('checks the signature before anything else', async () => {
    const { app } = setUp();
    const response = await app.request(`${PATH}?speed=fast&exp=1&kid=k2&sig=AAAA`);
    expect(await codeOf(response)).toBe('invalid_signature');
  });

  it('validates signed parameters as POST validates fields', async () => {
    const { app, count } = setUp();
    const expires = Math.floor(Date.now() / 1000) + 60;
    const cases = {
      missing_required_parameter: { voice: 'clara' },
      unknown_voice: { input: 'Hi.', voice: 'nobody' },
      invalid_type: { input: 'Hi.', voice: 'clara', speed: 'fast' },
      invalid_value: { input: 'Hi.', voice: 'clara', speed: '9' },
      unsupported_format: { input: 'Hi.', voice: 'clara', response_format: 'json' },
      invalid_pronunciation: { input: 'Hi.', voice: 'clara', pronunciations: '{"a":""}' },
    };
    for (const [code, parameters] of Object.entries(cases)) {
      const response = await app.request(
        `${PATH}?${await signQuery(KEYS, { path: PATH, parameters, expires })}`,
      );
      expect([response.status, await codeOf(response)]).toEqual([400, code]);
    }
    expect(count.spoken).toBe(0);
  });

  it('needs a store for audio', async () => {
    const { app, urlOf, count } = setUp({ library: undefined });
    const response = await app.request(await urlOf());
    expect([response.status, await codeOf(response)]).toEqual([501, 'not_configured']);
    expect(count.spoken).toBe(0);
  });
});

describe('with API keys', () => {
  async function setUpKeys(monthlyCharacters?: number) {
    const database = sqliteDatabase(':memory:');
    await migrate(database);
    const access = createAccessControl({ database, limiter: memoryRateLimiter() });
    const { key, record } = await access.keys!.create({ name: 'ci', scopes: ['speech'], monthlyCharacters });
    const parts = setUp({ access, database });
    const authorized = { Authorization: `Bearer ${key}` };
    return { ...parts, access, record, authorized };
  }

  it('signing needs a key, playing does not', async () => {
    const { app, sign, urlOf, authorized, record } = await setUpKeys();
    expect((await sign()).status).toBe(401);
    const url = await urlOf({}, authorized);
    expect(new URL(url).searchParams.get('by')).toBe(record.id);
    expect((await app.request(url)).status).toBe(200);
  });

  it('the key that signed is charged, once', async () => {
    const { app, urlOf, authorized, count } = await setUpKeys(10);
    const first = await urlOf({ input: 'Hello.' }, authorized);
    const second = await urlOf({ input: 'Goodbye.' }, authorized);
    for (let time = 0; time < 3; time++) expect((await app.request(first)).status).toBe(200);
    const response = await app.request(second);
    expect([response.status, await codeOf(response)]).toEqual([429, 'insufficient_quota']);
    expect(count.spoken).toBe(1);
  });

  it('another key cannot be charged', async () => {
    const { app, urlOf, authorized, record } = await setUpKeys();
    const url = await urlOf({}, authorized);
    for (const forged of [url.replace(record.id, 'another'), url.replace(/&?by=\w+/, '')]) {
      expect(await codeOf(await app.request(forged))).toBe('invalid_signature');
    }
  });

  it('revoking the key invalidates its URLs', async () => {
    const { app, access, urlOf, authorized, record, count } = await setUpKeys();
    const url = await urlOf({}, authorized);
    await access.keys!.revoke(record.id);
    const response = await app.request(url);
    expect([response.status, await codeOf(response)]).toEqual([401, 'invalid_api_key']);
    expect(count.spoken).toBe(0);
  });
});
