import { env, exports } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, FORMAT_INFO, KNOWN_LENGTH_FORMATS } from '../../../src/audio/format.ts';
import type { Cue } from '../../../src/synthesis/alignment.ts';
import { CHUNK, toneEngine } from '../../fixtures/tone-engine.ts';
import { parseSrt, parseVtt } from '../../support/captions.ts';
import { bucketOf, seedModel } from '../seed.ts';

const worker = (exports as unknown as { default: Fetcher }).default;

const get = (path: string) => worker.fetch(`http://localhost${path}`);
const post = (fields: object) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ model: 'sori-2', voice: 'hazel', input: 'Hi.', ...fields }),
});
const speak = (fields: object = {}) => worker.fetch('http://localhost/v1/audio/speech', post(fields));

// The order matters: the Worker keeps its state from one test to the next.
describe('the Worker, without a model', () => {
  it('is live but not ready, and reports what to do', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect((await get('/healthz')).status).toBe(200);
    for (const response of [await get('/readyz'), await get('/v1/voices'), await speak()]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await response.json()).toMatchObject({
        error: { code: 'model_unavailable', message: expect.stringContaining('npm run shards:publish') },
      });
    }
    expect((await speak({ model: 'gpt-5' })).status).toBe(404);
    expect((await speak({ speed: 9 })).status).toBe(400);
    log.mockRestore();
  });
});

describe('the Worker, with a model', () => {
  it('is ready as soon as there is one', async () => {
    await seedModel(bucketOf(env));
    const response = await get('/readyz');
    expect(await response.json()).toEqual({
      status: 'ready',
      models: [
        {
          model: 'sori-2',
          ready: true,
          backend: 'wasm',
          edition: expect.stringMatching(/^[0-9a-f]{64}\.\d+\.wasm$/),
        },
      ],
    });
    expect(response.status).toBe(200);
  });

  it.each(AUDIO_FORMATS)('speaks %s', async (format) => {
    await seedModel(bucketOf(env));
    const response = await speak({ response_format: format, seed: AUDIO_FORMATS.indexOf(format) });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-cache')).toBe('miss');
    expect(response.headers.get('content-type')).toBe(FORMAT_INFO[format].contentType);
    expect(response.headers.get('server-timing')).toMatch(/text;dur=.*text_encoder;dur=.*vocoder;dur=/);
    const length = response.headers.get('content-length');
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(bytes.length).toBeGreaterThan(100);
    expect(length).toBe(KNOWN_LENGTH_FORMATS.includes(format) ? String(bytes.length) : null);
  });

  it('synthesizes once for concurrent requests, and finds the audio afterwards', async () => {
    await seedModel(bucketOf(env));
    const fields = { input: 'One for all.', response_format: 'mp3' };
    const answers = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const response = await speak(fields);
        const { status, headers } = response;
        const bytes = new Uint8Array(await response.arrayBuffer());
        return { status, cache: headers.get('x-cache'), location: headers.get('content-location'), bytes };
      }),
    );
    const [{ location, bytes }] = answers;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ cache }) => cache === 'miss')).toHaveLength(1);
    const isSame = (other: Uint8Array) => other.every((byte, i) => byte === bytes[i]);
    expect(answers.every((one) => one.bytes.length === bytes.length && isSame(one.bytes))).toBe(true);

    const found = await get(location!);
    expect(isSame(new Uint8Array(await found.arrayBuffer()))).toBe(true);
    const again = await speak(fields);
    expect(again.headers.get('x-cache')).toBe('hit');
    expect(isSame(new Uint8Array(await again.arrayBuffer()))).toBe(true);
    const { objects } = await bucketOf(env).list({ prefix: location!.slice(1, -4) });
    expect(objects.map(({ key }) => key.slice(-4)).sort()).toEqual(['.mp3', '.wav']);
  });

  it('sends the same audio as events with OpenAI’s names, each time', async () => {
    await seedModel(bucketOf(env));
    const whole = new Uint8Array(await (await speak({ response_format: 'pcm' })).arrayBuffer());
    const alias = await speak({ model: 'tts-1', voice: 'alloy', response_format: 'pcm' });
    expect(new Uint8Array(await alias.arrayBuffer())).toEqual(whole);

    const text = await (await speak({ response_format: 'pcm', stream_format: 'sse' })).text();
    const data = text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.slice('data: '.length)));
    const done = data.pop();
    expect(done).toEqual({
      type: 'speech.audio.done',
      usage: { input_tokens: 3, output_tokens: whole.length / 600, total_tokens: 3 + whole.length / 600 },
    });
    const parts = data.map(({ audio }) => Uint8Array.from(atob(audio), (char) => char.charCodeAt(0)));
    expect(new Uint8Array(await new Blob(parts).arrayBuffer())).toEqual(whole);
  });

  it('returns timestamps beside the audio and as captions', async () => {
    await seedModel(bucketOf(env));
    const fields = { input: 'Hi there. Come in.', seed: 5, emotion: { happy: 0.5 } };
    const response = await speak({
      ...fields,
      response_format: 'json',
      audio_format: 'pcm',
      timestamps: ['word', 'sentence'],
    });
    expect(response.status).toBe(200);
    const { audio, duration_ms, timestamps } = (await response.json()) as {
      audio: string;
      duration_ms: number;
      timestamps: { word: Cue[]; sentence: Cue[] };
    };
    expect(atob(audio).length).toBe(duration_ms * 48);
    expect(timestamps.word.map(({ text }) => text)).toEqual(['Hi', 'there', 'Come', 'in']);

    for (const [format, parse] of [
      ['vtt', parseVtt],
      ['srt', parseSrt],
    ] as const) {
      const captions = await worker.fetch(`http://localhost/v1/audio/speech.${format}`, post(fields));
      expect(parse(new TextDecoder().decode(await captions.arrayBuffer()))).toEqual(
        timestamps.sentence.map(({ start_ms, end_ms, text }) => ({
          start: Math.round(start_ms),
          end: Math.round(end_ms),
          text,
        })),
      );
    }

    const events = await (await speak({ ...fields, stream_format: 'sse', timestamps: 'word' })).text();
    const timed = events
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.slice('data: '.length)))
      .filter(({ type }) => type === 'speech.audio.timing');
    expect(timed.flatMap((event) => event.timestamps.word)).toEqual(timestamps.word);
  });

  it('makes no styles of recordings unless REFERENCE_STYLES is on', async () => {
    const init = { method: 'POST', headers: { 'Content-Type': 'audio/wav' }, body: 'RIFF' };
    const response = await worker.fetch('http://localhost/v1/styles', init);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'reference_styles_disabled' } });
  });

  it.each([' \n\t', '?!…', '—'])('has nothing to speak in %j', async (input) => {
    await seedModel(bucketOf(env));
    const response = await speak({ input });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'nothing_to_speak', param: 'input' } });
  });

  it.each(['Hi\ud800 there.', 'Hi\u0000 there.', '\u202eHi\u2066 there\u2069.'])(
    'cleans %j and speaks it',
    async (input) => {
      await seedModel(bucketOf(env));
      const clean = await speak({ input: 'Hi there.', response_format: 'pcm' });
      const dirty = await speak({ input, response_format: 'pcm' });
      expect(dirty.status).toBe(200);
      expect((await dirty.arrayBuffer()).byteLength).toBeGreaterThan(0);
      expect(dirty.headers.get('content-length')).toBe(clean.headers.get('content-length'));
      await clean.body?.cancel();
    },
  );

  it('continues after a client has disconnected', async () => {
    await seedModel(bucketOf(env));
    const input = 'Hi there. '.repeat(200);
    for (let i = 0; i < 3; i++) {
      const reader = (await speak({ input, response_format: 'pcm' })).body!.getReader();
      await reader.read();
      await reader.cancel();
    }
    const response = await speak({ response_format: 'pcm' });
    const { byteLength } = await response.arrayBuffer();
    expect(String(byteLength)).toBe(response.headers.get('content-length'));
  });

  it('serves its OpenAPI document and its page', async () => {
    expect((await get('/openapi.json')).status).toBe(200);
    expect(await (await get('/')).text()).toContain('<div id="app">');
    expect(await (await get('/docs')).text()).toContain('spec-url="openapi.json"');
  });
});

describe('streams in workerd', () => {
  const setUp = (options: Parameters<typeof toneEngine>[0]) => {
    const tone = toneEngine(options);
    return { ...tone, app: createApp({ access: 'off', engine: tone.engine, createEncoder }) };
  };
  const request = (fields: object, signal?: AbortSignal) =>
    new Request('http://localhost/v1/audio/speech', { ...post({ model: 'tts-1', ...fields }), signal });

  it.each(['pcm', 'flac'])('%s: cancelling the body ends the work', async (response_format) => {
    const { app, count } = setUp({ chunks: 50 });
    const response = await app.fetch(request({ response_format }));
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => count.ended, { timeout: 20_000 }).toBe(1);
    expect(count.aborted).toBe(1);
    expect(count.made).toBeLessThan(10);
  });

  it.each(['pcm', 'flac'])('%s: the request’s signal ends the work', async (response_format) => {
    const client = new AbortController();
    const { app, count } = setUp({ chunks: 50 });
    const response = await app.fetch(request({ response_format }, client.signal));
    await response.body!.getReader().read();
    client.abort();
    await expect.poll(() => count.ended, { timeout: 20_000 }).toBe(1);
    expect(count.aborted).toBe(1);
    expect(count.made).toBeLessThan(10);
  });

  it.each(['pcm', 'flac'])('%s: a failure during the stream breaks the body off', async (response_format) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { app } = setUp({
      before: (index) => {
        if (index === 2) throw new Error('broken');
      },
    });
    const response = await app.fetch(request({ response_format }));
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
  });

  it('JSON: cancelling the body ends the work', async () => {
    const { app, count } = setUp({ chunks: 50 });
    const response = await app.fetch(request({ response_format: 'json', timestamps: 'word' }));
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => count.ended, { timeout: 20_000 }).toBe(1);
    expect(count.made).toBeLessThan(10);
  });

  it('makes a style from a form', async () => {
    const tone = toneEngine();
    const app = createApp({ access: 'off', engine: tone.engine, createEncoder, referenceStyles: true });
    const encoder = await createEncoder('wav', { totalSamples: 72_000 });
    const wav = [encoder.encode(new Float32Array(72_000)), encoder.finish()];
    const form = new FormData();
    form.set('file', new Blob(wav as Uint8Array<ArrayBuffer>[], { type: 'audio/wav' }), 'me.wav');
    const response = await app.fetch(
      new Request('http://localhost/v1/styles', { method: 'POST', body: form }),
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ object: 'style', seconds: 3 });
  });

  it('states the true length', async () => {
    const { app } = setUp({});
    const response = await app.fetch(request({ response_format: 'wav' }));
    expect(response.headers.get('content-length')).toBe(String(44 + 3 * CHUNK * 2));
    expect((await response.arrayBuffer()).byteLength).toBe(44 + 3 * CHUNK * 2);
  });
});
