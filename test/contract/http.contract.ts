import { describe, expect, it } from 'vitest';
import { AUDIO_FORMATS, FORMAT_INFO, KNOWN_LENGTH_FORMATS } from '../../src/audio/format.ts';

/** A server under test: the edge or an origin, over a tiny model, with keys on and styles of recordings allowed. */
export interface ServerUnderTest {
  readonly url: URL;
  readonly adminKey: string;
}

/** First bytes of a format, where it has a signature. */
const MAGIC: Readonly<Record<string, string>> = {
  opus: 'OggS',
  flac: 'fLaC',
  wav: 'RIFF',
  'mulaw-wav': 'RIFF',
  'alaw-wav': 'RIFF',
  'wav-8k': 'RIFF',
};

const SPEECH = { model: 'sori-2', voice: 'clara', input: 'Your table is ready.' };

/** What Sori's HTTP interface does, wherever it runs. `server` is asked once a test. */
export function httpContract(server: () => ServerUnderTest): void {
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    key: string | null = server().adminKey,
  ) => {
    const response = await fetch(new URL(path, server().url), {
      method,
      headers: {
        ...(key !== null && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && !(body instanceof Uint8Array) && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : body && JSON.stringify(body),
    } as RequestInit);
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') && bytes.length > 0;
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text: bytes.toString(),
      json: isJson ? JSON.parse(bytes.toString()) : undefined,
    };
  };
  const speak = (fields: object = {}, headers?: Record<string, string>) =>
    send('POST', '/v1/audio/speech', { ...SPEECH, ...fields }, headers);
  const get = (path: string, headers?: Record<string, string>) => send('GET', path, undefined, headers, null);

  describe('speech', () => {
    it.each(AUDIO_FORMATS)(
      '%s: synthesized, stored, found again, served in ranges',
      async (response_format) => {
        const { contentType } = FORMAT_INFO[response_format];
        const made = await speak({ response_format });
        expect(made.status, made.text).toBe(200);
        expect(made.headers.get('content-type')).toBe(contentType);
        expect(made.headers.get('x-cache')).toMatch(/^(miss|hit)$/);
        expect(made.headers.get('x-sori-model')).toMatch(/^sori-2@/);
        expect(made.bytes.toString('latin1', 0, 4)).toMatch(new RegExp(`^${MAGIC[response_format] ?? ''}`));
        if (KNOWN_LENGTH_FORMATS.includes(response_format))
          expect(made.headers.get('content-length')).toBe(String(made.bytes.length));
        const location = made.headers.get('content-location') ?? '';
        expect(location).toMatch(/^\/audio\/[0-9a-f]{64}\./);

        const kept = await get(location);
        expect(kept.status).toBe(200);
        expect(kept.bytes.equals(made.bytes)).toBe(true);
        expect(kept.headers.get('cache-control')).toContain('immutable');
        const etag = kept.headers.get('etag') ?? '';
        const part = await get(location, { Range: 'bytes=10-19' });
        expect(part.status).toBe(206);
        expect(part.bytes.equals(made.bytes.subarray(10, 20))).toBe(true);
        expect(part.headers.get('content-range')).toBe(`bytes 10-19/${made.bytes.length}`);
        expect((await get(location, { 'If-None-Match': etag })).status).toBe(304);
        expect((await get(location, { Range: `bytes=${made.bytes.length}-` })).status).toBe(416);

        const again = await speak({ response_format });
        expect(again.headers.get('x-cache')).toBe('hit');
        expect(again.bytes.equals(made.bytes)).toBe(true);
      },
    );

    it('HEAD has the headers of GET', async () => {
      const location = (await speak()).headers.get('content-location') ?? '';
      const head = await send('HEAD', location);
      const { bytes, headers } = await get(location);
      expect([head.status, head.bytes.length]).toEqual([200, 0]);
      expect(head.headers.get('etag')).toBe(headers.get('etag'));
      expect(head.headers.get('content-length')).toBe(String(bytes.length));
    });

    it('is stored nowhere with no-store', async () => {
      const { status, headers } = await speak({ seed: 77 }, { 'Cache-Control': 'no-store' });
      expect([status, headers.get('x-cache')]).toEqual([200, 'bypass']);
      expect(headers.get('content-location')).toBeNull();
    });

    it('as events, with times, and as captions', async () => {
      const events = await speak({ stream_format: 'sse', response_format: 'pcm' });
      expect(events.headers.get('content-type')).toContain('text/event-stream');
      expect(events.text).toContain('"type":"speech.audio.delta"');
      expect(events.text).toContain('"type":"speech.audio.done"');
      const timed = await speak({ response_format: 'json', audio_format: 'wav', timestamps: ['word'] });
      expect(timed.status, timed.text).toBe(200);
      expect(JSON.stringify(timed.json)).toContain('table');
      const captions = await send('POST', '/v1/audio/speech.vtt', SPEECH);
      expect(captions.text).toMatch(/^WEBVTT[\s\S]* --> /);
      expect((await send('POST', '/v1/audio/speech.srt', SPEECH)).text).toMatch(/^1\r?\n.* --> /);
    });

    it('long input comes whole', async () => {
      const input = 'Your table is ready. '.repeat(12);
      const { status, bytes, headers } = await speak({ input, response_format: 'wav' });
      // It streams before its length is known.
      expect([status, headers.get('content-length')]).toEqual([200, null]);
      const kept = await get(headers.get('content-location') ?? '');
      expect([kept.status, kept.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
      expect(kept.bytes.readUInt32LE(4) + 8).toBe(bytes.length);
      expect(bytes.subarray(44).equals(kept.bytes.subarray(44))).toBe(true);
    });
  });

  describe('errors', () => {
    it.each([
      ['missing_required_parameter', 400, { model: 'sori-2', voice: 'clara' }],
      ['invalid_value', 400, { ...SPEECH, speed: 9 }],
      ['invalid_type', 400, { ...SPEECH, speed: 'fast' }],
      ['string_above_max_length', 400, { ...SPEECH, input: 'a'.repeat(5000) }],
      ['nothing_to_speak', 400, { ...SPEECH, input: '…' }],
      ['unknown_voice', 400, { ...SPEECH, voice: 'nobody' }],
      ['unknown_emotion', 400, { ...SPEECH, emotion: 'bored' }],
      ['unknown_model', 404, { ...SPEECH, model: 'sori-9' }],
      ['invalid_ssml', 400, { ...SPEECH, input: '<speak>Hello' }],
      ['invalid_style', 400, { model: 'sori-2', input: 'Hello.', style: 'sty_x' }],
      ['unsupported_language', 400, { ...SPEECH, language: 'tlh' }],
    ])('%s', async (code, status, body) => {
      const answer = await send('POST', '/v1/audio/speech', body);
      expect(answer.json).toMatchObject({
        error: { code, type: 'invalid_request_error', message: expect.any(String) },
      });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-request-id')).toMatch(/./);
    });

    it('of transport', async () => {
      const codeOf = async (...request: Parameters<typeof send>) => {
        const { status, json } = await send(...request);
        return [status, json.error.code];
      };
      const json = { 'Content-Type': 'application/json' };
      const bytes = (text: string) => new TextEncoder().encode(text);
      expect(await codeOf('POST', '/v1/audio/speech', bytes('{'), json)).toEqual([400, 'invalid_json']);
      expect(await codeOf('POST', '/v1/audio/speech', bytes('hi'), { 'Content-Type': 'text/plain' })).toEqual(
        [415, 'unsupported_media_type'],
      );
      const huge = new Uint8Array(16 * 1024 * 1024).fill(32);
      expect(await codeOf('POST', '/v1/audio/speech', huge, json)).toEqual([413, 'body_too_large']);
      expect(await codeOf('DELETE', '/v1/models')).toEqual([405, 'method_not_allowed']);
      expect(await codeOf('GET', '/v1/nothing')).toEqual([404, 'not_found']);
      expect(await codeOf('GET', `/audio/${'0'.repeat(64)}.mp3`)).toEqual([404, 'unknown_audio']);
      expect(await codeOf('GET', '/v1/models', undefined, {}, null)).toEqual([401, 'invalid_api_key']);
    });
  });

  it('keys are created, limited to their scopes, and revoked', async () => {
    const made = await send('POST', '/v1/keys', { name: 'contract', scopes: ['speech'], rate: '60/m' });
    expect(made.status, made.text).toBe(201);
    const { id, key } = made.json;
    const spoken = await send('POST', '/v1/audio/speech', { ...SPEECH, seed: 5 }, {}, key);
    expect([spoken.status, spoken.headers.get('ratelimit-policy')]).toEqual([200, '"key";q=60;w=60']);
    const refused = await send('GET', '/v1/prompts', undefined, {}, key);
    expect([refused.status, refused.json.error.code]).toEqual([403, 'insufficient_scope']);
    expect((await send('GET', '/v1/keys')).text).toContain(id);
    expect((await send('GET', `/v1/usage?key=${id}`)).json.total.requests).toBeGreaterThan(0);
    expect((await send('DELETE', `/v1/keys/${id}`)).status).toBe(200);
    expect((await send('GET', '/v1/models', undefined, {}, key)).status).toBe(401);
  });

  it('prompts are baked, served to all, listed and deleted', async () => {
    const definition = { input: 'Press one.', voice: 'clara', formats: ['mp3', 'mulaw'] };
    const put = await send('PUT', '/v1/prompts/menu/one', definition);
    expect(put.status, put.text).toBe(201);
    const audio = await get('/prompts/menu/one.mulaw');
    expect([audio.status, audio.headers.get('content-type')]).toEqual([200, 'audio/basic']);
    expect(audio.bytes.length).toBeGreaterThan(1000);
    expect((await send('GET', '/v1/prompts/menu/one')).json.version).toBe(1);
    expect(
      (await send('PUT', '/v1/prompts/menu/one', { ...definition, input: 'Press 2.' })).json.version,
    ).toBe(2);
    expect((await send('GET', '/v1/prompts')).text).toContain('menu/one');
    const gone = await send('DELETE', '/v1/prompts/menu/one');
    expect(gone.status, gone.text).toBe(204);
    expect((await get('/prompts/menu/one.mp3')).status).toBe(410);
  });

  it('signed addresses speak without a key, and only as they were signed', async () => {
    const signed = await send('POST', '/v1/audio/speech/sign', { ...SPEECH, seed: 9 });
    expect(signed.status, signed.text).toBe(200);
    const { pathname, search } = new URL(signed.json.url);
    const spoken = await get(pathname + search);
    expect([spoken.status, spoken.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    const forged = await get(pathname + search.replace('seed=9', 'seed=8'));
    expect([forged.status, forged.json.error.code]).toEqual([403, 'invalid_signature']);
  });

  it('refuses styles of recordings without speech, and of files that are not recordings', async () => {
    const silence = (await speak({ response_format: 'wav', seed: 3 })).bytes.fill(0, 44);
    const wav = { 'Content-Type': 'audio/wav' };
    const refused = await send('POST', '/v1/styles', new Uint8Array(silence), wav);
    expect([refused.status, refused.json.error.code]).toEqual([400, 'unusable_reference']);
    const broken = await send('POST', '/v1/styles', new Uint8Array(100), wav);
    expect([broken.status, broken.json.error.code]).toEqual([400, 'invalid_reference']);
  });

  it('documents and lists', async () => {
    expect((await get('/')).text).toContain('<html');
    expect((await get('/docs')).text).toContain('<html');
    expect((await get('/openapi.json')).json.openapi).toMatch(/^3\.1/);
    expect((await get('/healthz')).json).toEqual({ status: 'ok' });
    expect((await get('/readyz')).json).toMatchObject({ status: 'ready', models: [{ model: 'sori-2' }] });
    expect((await send('GET', '/v1/models')).json.data[0].id).toBe('sori-2');
    expect((await send('GET', '/v1/models/sori-2')).json.id).toBe('sori-2');
    expect(JSON.stringify((await send('GET', '/v1/voices')).json)).toContain('clara');
    const metrics = await send('GET', '/metrics');
    expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
    expect(metrics.text).toMatch(/^sori_inference_backend_info\{backend="[\w-]+"\} 1$/m);
  });

  it('pages of other origins may send requests, and requests keep their id', async () => {
    const response = await fetch(new URL('/v1/audio/speech', server().url), {
      method: 'OPTIONS',
      headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const { headers } = await get('/healthz', { 'x-request-id': 'mine-1' });
    expect(headers.get('x-request-id')).toBe('mine-1');
  });
}
