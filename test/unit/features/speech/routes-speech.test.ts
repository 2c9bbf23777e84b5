import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppDependencies } from '../../../../src/app.ts';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, FORMAT_INFO, KNOWN_LENGTH_FORMATS } from '../../../../src/audio/format.ts';
import { toFloat32Array, toInt16Array } from '../../../../src/audio/samples.ts';
import { SoriError } from '../../../../src/base/errors.ts';
import type { SpeechRequest } from '../../../../src/engine/engine.ts';
import { CHUNK, type ToneOptions, toneEngine } from '../../../fixtures/tone-engine.ts';

const BASE = { model: 'tone-1', voice: 'clara', input: 'Hello.' };

/** What the engine gets of {@link BASE}. */
const PLAIN: SpeechRequest = {
  model: 'tone-1',
  voice: { clara: 1 },
  input: 'Hello.',
  language: 'en',
  speed: 1,
  seed: 0,
  refineSteps: undefined,
  pronunciations: {},
  emotion: undefined,
  style: undefined,
  alpha: undefined,
  beta: undefined,
  diffusionSteps: undefined,
  embeddingScale: undefined,
  pitch: 0,
  pitchRange: 1,
  energy: 0,
  pauses: 1,
  exactLength: false,
};

const log = vi.spyOn(console, 'error');
beforeEach(() => void log.mockReset().mockImplementation(() => {}));

function setUp(options: ToneOptions = {}, more: Partial<AppDependencies> = {}) {
  const tone = toneEngine(options);
  const app = createApp({ access: 'off', engine: tone.engine, createEncoder, ...more });
  const post = (body: object, init: RequestInit = {}) =>
    app.request('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
  const speak = (body: object = {}, init?: RequestInit) => post({ ...BASE, ...body }, init);
  return { ...tone, app, post, speak };
}

function events(text: string): { event?: string; data: Record<string, unknown> }[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)));
      return { event: fields.event, data: JSON.parse(fields.data) };
    });
}

describe('audio', () => {
  it('is MP3 by default, with its content type', async () => {
    const { speak } = setUp();
    const response = await speak();
    expect(response.status).toBe(200);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-disposition': 'inline; filename="speech.mp3"',
      'x-sori-model': 'tone-1@1.2.3',
      'server-timing': 'text;dur=1.0, load;dur=0.3',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    });
    expect(headers['x-request-id']).toMatch(/^[\w-]{16,}$/);
    const bytes = await response.bytes();
    expect(bytes[0]).toBe(0xff);
  });

  it.each(AUDIO_FORMATS)('%s: has the same bytes as the encoder gives for the whole', async (format) => {
    const { speak, engine } = setUp();
    const response = await speak({ response_format: format, loudness: 'off' });
    expect(response.headers.get('content-type')).toBe(FORMAT_INFO[format].contentType);
    const bytes = await response.bytes();

    const speech = await engine.speak(PLAIN);
    const whole = new Float32Array(3 * CHUNK);
    let at = 0;
    for await (const chunk of speech.chunks) {
      // Streamed audio is rounded to 16 bits, as the stored master is.
      whole.set(toFloat32Array(toInt16Array(chunk)), at);
      at += chunk.length;
    }
    const encoder = await createEncoder(format, { totalSamples: whole.length });
    const expected = Buffer.concat([encoder.encode(whole), encoder.finish()]);
    expect(Buffer.compare(bytes, expected)).toBe(0);

    const announced = response.headers.get('content-length');
    expect(announced).toBe(KNOWN_LENGTH_FORMATS.includes(format) ? String(bytes.length) : null);
  });

  it('passes every field to the engine, with defaults for missing ones', async () => {
    const { speak, requests } = setUp();
    await speak();
    await speak({
      voice: { id: 'hazel' },
      input: 'Sori \ud800 speaks.',
      speed: 0.25,
      seed: 4294967295,
      language: 'en-GB',
      pronunciations: { Sori: 'ˈsɔːɹi' },
      refine_steps: 32,
      emotion: { happy: 0.25 },
      alpha: 0.1,
      beta: 1,
      diffusion_steps: 32,
      embedding_scale: 10,
      pitch: -12,
      pitch_range: 3,
      energy: 12,
      pauses: 0,
      response_format: 'pcm',
      instructions: 'Whisper slowly, sadly and with a deep voice.',
      unheard_of: true,
    });
    expect(requests).toEqual([
      PLAIN,
      {
        ...PLAIN,
        voice: { hazel: 1 },
        input: 'Sori \ud800 speaks.',
        speed: 0.25,
        seed: 4294967295,
        refineSteps: 32,
        pronunciations: { Sori: 'ˈsɔːɹi' },
        emotion: { happy: 0.25 },
        alpha: 0.1,
        beta: 1,
        diffusionSteps: 32,
        embeddingScale: 10,
        pitch: -12,
        pitchRange: 3,
        energy: 12,
        pauses: 0,
      },
    ]);
  });

  it.each(['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts'])('%s selects the default model', async (model) => {
    const { speak, requests } = setUp();
    expect((await speak({ model })).status).toBe(200);
    expect(requests[0].model).toBe('tone-1');
  });

  it.each([
    ['alloy', 'hazel'],
    ['ash', 'hazel'],
    ['ballad', 'hazel'],
    ['coral', 'clara'],
    ['echo', 'hazel'],
    ['fable', 'hazel'],
    ['nova', 'clara'],
    ['onyx', 'hazel'],
    ['sage', 'clara'],
    ['shimmer', 'clara'],
    ['verse', 'hazel'],
    ['marin', 'clara'],
    ['cedar', 'hazel'],
  ])('maps OpenAI’s %s to %s', async (voice, own) => {
    const { speak, requests } = setUp();
    expect((await speak({ voice })).status).toBe(200);
    expect(requests[0].voice).toEqual({ [own]: 1 });
  });

  it('counts characters, not UTF-16 units', async () => {
    const { speak } = setUp();
    expect((await speak({ input: '𝒜'.repeat(4096) })).status).toBe(200);
    expect((await speak({ input: '𝒜'.repeat(4097) })).status).toBe(400);
  });

  it('is not synthesized ahead of its reader', async () => {
    const { speak, count } = setUp({ chunks: 50 });
    const response = await speak({ response_format: 'flac' });
    const reader = response.body!.getReader();
    await reader.read();
    expect(count.made).toBeLessThan(5);
    await reader.cancel();
    await expect.poll(() => count.ended, { timeout: 20_000 }).toBe(1);
    expect(count).toMatchObject({ aborted: 1 });
    expect(count.made).toBeLessThan(5);
  });
});

describe('server-sent events', () => {
  it('carry the same audio, then the usage', async () => {
    const { speak } = setUp();
    const whole = await (await speak({ response_format: 'wav' })).bytes();
    const response = await speak({ response_format: 'wav', stream_format: 'sse' });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('content-length')).toBeNull();
    const all = events(await response.text());
    const done = all.pop();
    expect(done).toEqual({
      event: undefined,
      data: {
        type: 'speech.audio.done',
        usage: { input_tokens: 6, output_tokens: (3 * CHUNK) / 300, total_tokens: 6 + (3 * CHUNK) / 300 },
      },
    });
    expect(all.length).toBeGreaterThan(1);
    expect(all.every(({ data }) => data.type === 'speech.audio.delta')).toBe(true);
    const parts = all.map(({ data }) => Buffer.from(String(data.audio), 'base64'));
    expect(Buffer.compare(Buffer.concat(parts), whole)).toBe(0);
  });

  it('end with an error event when the engine fails during the stream', async () => {
    const { speak } = setUp({
      before: (index) => {
        if (index === 2) throw new SoriError('model_unavailable', 'A shard is gone.');
      },
    });
    const response = await speak({ response_format: 'pcm', stream_format: 'sse' });
    expect(response.status).toBe(200);
    const last = events(await response.text()).at(-1);
    expect(last).toEqual({
      event: 'error',
      data: {
        error: { message: 'A shard is gone.', type: 'server_error', param: null, code: 'model_unavailable' },
      },
    });
  });

  it('log nothing when the client leaves in the middle', async () => {
    let begin = () => {};
    const second = new Promise<void>((resolve) => (begin = resolve));
    const { speak, count } = setUp({
      // The second chunk is under way until the client leaves.
      before: (index, signal) => {
        if (index !== 1) return;
        begin();
        return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
      },
    });
    const response = await speak({ response_format: 'pcm', stream_format: 'sse' });
    const reader = response.body!.getReader();
    await reader.read();
    void reader.read();
    await second;
    await reader.cancel();
    await expect.poll(() => count.ended).toBe(1);
    expect(count.aborted).toBe(1);
    expect(log).not.toHaveBeenCalled();
  });
});

describe('failures of the engine', () => {
  const gone = new SoriError('model_unavailable', 'A shard is gone.');

  it.each(['audio', 'sse'])('before the first byte (%s) set the status', async (stream_format) => {
    for (const options of [{ plan: () => Promise.reject(gone) }, { before: () => Promise.reject(gone) }]) {
      const { speak } = setUp(options);
      const response = await speak({ stream_format });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(response.headers.get('x-should-retry')).toBe('true');
      expect(await response.json()).toMatchObject({ error: { code: 'model_unavailable' } });
    }
  });

  it('after the first byte abort the stream', async () => {
    const { speak } = setUp({
      before: (index) => {
        if (index === 2) throw gone;
      },
    });
    const response = await speak({ response_format: 'wav' });
    expect(response.status).toBe(200);
    await expect(response.bytes()).rejects.toThrow('A shard is gone');
    expect(log).toHaveBeenCalledOnce();
  });

  it('of an unknown kind reveal nothing of the cause', async () => {
    const { speak } = setUp({
      plan: () => {
        throw new TypeError('secret at /home/me/engine.ts:5');
      },
    });
    const response = await speak(
      {},
      { headers: { 'Content-Type': 'application/json', 'x-request-id': 'mine-1' } },
    );
    expect(response.status).toBe(500);
    expect(response.headers.get('x-request-id')).toBe('mine-1');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      error: { type: 'server_error', param: null, code: 'internal_error' },
    });
    expect(text).not.toMatch(/secret|engine\.ts/);
    expect(log.mock.calls.map(([line]) => JSON.parse(line))).toEqual([
      {
        time: expect.any(String),
        level: 'error',
        request_id: 'mine-1',
        error: 'internal_error',
        message: expect.any(String),
        cause: expect.stringMatching(/^TypeError: secret at/),
      },
    ]);
  });
});

describe('a client that disconnects', () => {
  it('aborts the planning', async () => {
    const client = new AbortController();
    // Node holds a request by its signal only weakly, and here no socket holds it: without this it may be collected in mid-wait.
    const held: unknown[] = [];
    const { speak, count } = setUp({
      plan: (_request, signal) => {
        held.push(signal);
        return new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason)),
        );
      },
    });
    const answer = speak({}, { signal: client.signal, headers: { 'Content-Type': 'application/json' } });
    await expect.poll(() => count.spoken, { timeout: 20_000 }).toBe(1);
    client.abort();
    await answer;
    expect(count).toMatchObject({ spoken: 1, made: 0 });
    expect(held).toHaveLength(1);
  });

  it.each(['audio', 'sse'])('aborts the synthesis between two reads (%s)', async (stream_format) => {
    const client = new AbortController();
    const { speak, count } = setUp({ chunks: 50 });
    const response = await speak(
      { stream_format, response_format: 'pcm' },
      {
        signal: client.signal,
        headers: { 'Content-Type': 'application/json' },
      },
    );
    const reader = response.body!.getReader();
    await reader.read();
    client.abort(new Error('gone'));
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('gone');
    await expect.poll(() => count.ended, { timeout: 20_000 }).toBe(1);
    expect(count.aborted).toBe(1);
    expect(count.made).toBeLessThan(5);
  });

  it('without notice is detected when the stream stalls, and its slot is freed', async () => {
    const { speak, count } = setUp({ chunks: 50 }, { stallMs: 1, maxSpeechRequests: 1 });
    const response = await speak({ response_format: 'pcm' });
    const reader = response.body!.getReader();
    await reader.read();
    await expect.poll(() => count.ended, { timeout: 20_000 }).toBe(1);
    expect(count.aborted).toBe(1);
    await expect(reader.read().then(() => reader.read())).rejects.toThrow(/stopped reading/);
    const next = await speak();
    expect(next.status).toBe(200);
    await next.body?.cancel();
  });
});

describe('a client that does not read its answer', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['a place is free', 2, 60_000],
    ['others need its place', 1, 15_000],
  ])('keeps its slot for a while where %s', async (_, maxSpeechRequests, ms) => {
    const { speak, count } = setUp({ chunks: 50 }, { maxSpeechRequests });
    const response = await speak({ response_format: 'pcm' });
    const reader = response.body!.getReader();
    await reader.read();
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(count).toMatchObject({ ended: 0, aborted: 0 });
    await vi.advanceTimersByTimeAsync(1);
    await expect(reader.read().then(() => reader.read())).rejects.toThrow(/stopped reading/);
    expect(count.aborted).toBe(1);
    const next = await speak();
    expect(next.status).toBe(200);
    await next.body?.cancel();
  });
});

describe('too many concurrent requests', () => {
  it('are refused, and accepted again when one ends', async () => {
    const { speak, count } = setUp({}, { maxSpeechRequests: 2 });
    const [first, second] = await Promise.all([speak(), speak()]);
    const third = await speak();
    expect(third.status).toBe(503);
    expect(third.headers.get('retry-after')).toBe('1');
    expect(await third.json()).toMatchObject({ error: { code: 'overloaded', type: 'server_error' } });
    expect(count.spoken).toBe(2);

    await first.bytes();
    const fourth = await speak();
    expect(fourth.status).toBe(200);
    expect((await speak()).status).toBe(503);
    await second.body?.cancel();
    await fourth.body?.cancel();
    for (const again of [speak(), speak()]) expect((await again).status).toBe(200);
  });

  it('a refused or failed request holds no slot', async () => {
    const { speak } = setUp({ plan: () => Promise.reject(new Error('no')) }, { maxSpeechRequests: 1 });
    for (let i = 0; i < 3; i++) expect((await speak()).status).toBe(500);
  });
});
