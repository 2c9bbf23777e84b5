import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { originsOf } from '../../../src/placement/origins.ts';
import { writeTinyKokoro, writeTinyWhisper } from '../../support/models/tiny-models.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';
import { realEdge } from '../../support/servers/wasm-edge.ts';

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';
const PHRASE = { model: 'kokoro', voice: 'af_low', input: 'Your table is ready.', response_format: 'pcm' };

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
let open: RunningOrigin;
let edge: ReturnType<typeof realEdge>;
beforeAll(async () => {
  folder = await serverFolder();
  const SORI_MODELS = join(folder.path, 'models');
  await writeTinyKokoro(join(SORI_MODELS, 'kokoro'));
  await writeTinyWhisper(join(SORI_MODELS, 'whisper-tiny'));
  [origin, open] = await Promise.all([
    runOrigin(folder.path, { ORIGIN_SECRETS, SORI_MODELS }),
    runOrigin(folder.path, { AUTH: 'off', SORI_MODELS, STATE_DIR: join(folder.path, 'open') }),
  ]);
  edge = realEdge(folder.path, originsOf({ ORIGINS: origin.url.origin, ORIGIN_SECRETS })!);
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await open?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const post = (body: object, path = '/v1/audio/speech') =>
  fetch(new URL(path, open.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; param: string; message: string } }).error;

describe('an origin with models of other makers', () => {
  it('lists them with where they run', async () => {
    const { data } = (await (await fetch(new URL('/v1/models', open.url))).json()) as { data: object[] };
    expect(data).toMatchObject([
      { id: 'sori-2', task: 'speech', owned_by: 'sori' },
      {
        id: 'kokoro',
        task: 'speech',
        served_by: 'origin',
        licence: 'CC0-1.0',
        voices: ['af_low', 'am_high'],
      },
      { id: 'whisper-tiny', task: 'transcription', served_by: 'origin', languages: ['en', 'ko'] },
    ]);
    const one = await fetch(new URL('/v1/models/whisper-tiny', open.url));
    expect(await one.json()).toMatchObject({ id: 'whisper-tiny', task: 'transcription' });
  });

  it('speaks to the official client, in every format', async () => {
    const client = new OpenAI({ baseURL: new URL('/v1', open.url).href, apiKey: 'any' });
    for (const format of ['mp3', 'wav', 'opus', 'flac', 'pcm'] as const) {
      const speech = await client.audio.speech.create({ ...PHRASE, response_format: format });
      expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(500);
      expect(speech.headers.get('x-sori-model')).toBe('kokoro@1.0');
    }
  });

  it('stores its speech: the same request returns the same bytes', async () => {
    const first = await post({ ...PHRASE, input: 'Once and again.' });
    const bytes = await first.bytes();
    const again = await post({ ...PHRASE, input: 'Once and again.' });
    expect(first.headers.get('x-cache')).toBe('miss');
    expect(again.headers.get('x-cache')).toMatch(/^(?:hit|coalesced)$/);
    expect(await again.bytes()).toEqual(bytes);
  });

  it('streams by sentence', async () => {
    const input = 'This is the first one. And this is the second one. Here is the third of them.';
    const response = await post({ ...PHRASE, input, response_format: 'mp3', stream_format: 'sse' });
    const events = (await response.text()).split('\n\n').filter(Boolean);
    const deltas = events.filter((event) => event.includes('speech.audio.delta'));
    expect(deltas.length).toBeGreaterThanOrEqual(3);
    expect(events.at(-1)).toContain('speech.audio.done');
  });

  it('returns word timings from the model’s own durations', async () => {
    const response = await post({
      ...PHRASE,
      response_format: 'json',
      audio_format: 'pcm',
      timestamps: ['word'],
    });
    const { timestamps, duration_ms, audio } = (await response.json()) as {
      timestamps: { word: { text: string; start_ms: number; end_ms: number }[] };
      duration_ms: number;
      audio: string;
    };
    expect(timestamps.word.map(({ text }) => text)).toEqual(['Your', 'table', 'is', 'ready']);
    let last = 0;
    for (const { start_ms, end_ms } of timestamps.word) {
      expect(start_ms).toBeGreaterThanOrEqual(last);
      expect(end_ms).toBeGreaterThan(start_ms);
      last = end_ms;
    }
    expect(last).toBeLessThanOrEqual(duration_ms);
    expect(Buffer.from(audio, 'base64').length / 48).toBeCloseTo(duration_ms, 1);
    const captions = await post({ ...PHRASE, timestamps: ['word'] }, '/v1/audio/speech.vtt');
    expect(await captions.text()).toMatch(/^WEBVTT\n\n1\n[\s\S]*\nready\n/);
  });

  it('mixes voices, and applies breaks, loudness and speed', async () => {
    const lengthOf = async (changes: object) => {
      const response = await post({ ...PHRASE, ...changes });
      expect([response.status, changes]).toEqual([200, changes]);
      return (await response.bytes()).length;
    };
    const usual = await lengthOf({});
    expect(await lengthOf({ voice: { af_low: 0.5, am_high: 0.5 } })).toBe(usual);
    expect(await lengthOf({ speed: 2 })).toBeLessThan(usual);
    expect(await lengthOf({ energy: -6 })).toBe(usual);
    const plain = await lengthOf({ input: '<speak>One, <break time="100ms"/> two.</speak>' });
    const paused = await lengthOf({ input: '<speak>One, <break time="600ms"/> two.</speak>' });
    expect(paused - plain).toBe(0.5 * 24_000 * 2);
  });

  it.each([
    [{ voice: 'nobody' }, 400, 'unknown_voice', 'voice'],
    [{ pitch: 3 }, 400, 'conflicting_parameters', 'pitch'],
    [{ emotion: 'happy' }, 400, 'unknown_emotion', 'emotion'],
    [{ language: 'ja' }, 400, 'unsupported_language', 'language'],
    // Phonemes are made with the dictionaries of Sori's own model, which in these tests has English alone.
    [{ language: 'ko' }, 400, 'unsupported_language', 'language'],
    [
      { input: '<speak><prosody pitch="+20%">Hi</prosody></speak>', strict: true },
      400,
      'conflicting_parameters',
      'input',
    ],
    [{ input: '' }, 400, 'invalid_value', 'input'],
  ])('refuses %j before any work', async (changes, status, code, param) => {
    const response = await post({ ...PHRASE, ...changes });
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code, param });
  });
});

describe('an edge in front of it', () => {
  it('sends speech of its models to the origin, and forwards the answer', async () => {
    const response = await edge.speak({ ...PHRASE, input: 'From the edge.' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=model');
    expect(response.headers.get('x-sori-model')).toBe('kokoro@1.0');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    const captions = await edge.send('POST', '/v1/audio/speech.srt', PHRASE);
    expect(await captions.text()).toContain('Your table is ready.');
  });

  it('lists the models of the origin beside its own', async () => {
    const { data } = (await (await edge.send('GET', '/v1/models')).json()) as {
      data: { id: string; served_by: string }[];
    };
    expect(new Set(data.map(({ id, served_by }) => `${id} ${served_by}`))).toEqual(
      new Set(['sori-2 edge', 'whisper-tiny origin', 'kokoro origin']),
    );
    expect(data[0].id).toBe('sori-2');
    expect((await edge.send('GET', '/v1/models/kokoro')).status).toBe(200);
  });

  it('forwards the origin’s refusals', async () => {
    expect(await errorOf(await edge.speak({ ...PHRASE, model: 'nothing' }))).toMatchObject({
      code: 'unknown_model',
    });
    expect(await errorOf(await edge.speak({ ...PHRASE, voice: 'nobody' }))).toMatchObject({
      code: 'unknown_voice',
    });
  });

  it('refuses to do the work at the edge', async () => {
    const headers = { 'X-Sori-Placement': 'edge' };
    for (const path of ['/v1/audio/speech', '/v1/audio/speech.srt']) {
      const refused = await edge.send('POST', path, PHRASE, headers);
      expect(refused.status).toBe(400);
      expect(await errorOf(refused)).toMatchObject({
        code: 'conflicting_parameters',
        param: 'X-Sori-Placement',
      });
    }
    expect((await edge.speak(PHRASE, { 'X-Sori-Placement': 'origin' })).status).toBe(200);
  });

  it('reports that there is no origin, or that none answers', async () => {
    const alone = realEdge(folder.path, undefined as never);
    const refused = await alone.speak(PHRASE);
    expect(refused.status).toBe(503);
    expect(await errorOf(refused)).toMatchObject({ code: 'model_unavailable', message: /ORIGINS/ });
    expect((await alone.speak({ ...PHRASE, model: 'nothing' })).status).toBe(404);
    const cut = realEdge(folder.path, originsOf({ ORIGINS: 'http://127.0.0.1:9', ORIGIN_SECRETS })!);
    const away = await cut.speak(PHRASE);
    expect([away.status, (await errorOf(away)).code]).toEqual([503, 'origin_unavailable']);
    expect((await cut.send('GET', '/v1/models')).status).toBe(200);
  });
});
