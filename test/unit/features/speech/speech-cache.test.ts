import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, type AudioFormatId, WAV_FORMATS } from '../../../../src/audio/format.ts';
import { integratedLoudness } from '../../../../src/audio/loudness.ts';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import type { AudioStore } from '../../../../src/library/store.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { encodeStyleId } from '../../../../src/synthesis/reference/style-id.ts';
import { TONE_MODEL, TONE_STYLE, type ToneOptions, toneEngine } from '../../../fixtures/tone-engine.ts';
import { deferred } from '../../../support/deferred.ts';

const BASE = { model: 'tone-1', voice: 'clara', input: 'Hello there.' };

function setUp(options: ToneOptions = {}, store: AudioStore = memoryStore(), stallMs?: number) {
  const tone = toneEngine(options);
  const library = createAudioLibrary({ store, createEncoder, stallMs });
  const app = createApp({ access: 'off', engine: tone.engine, createEncoder, library });
  const speak = async (body: object = {}, init: RequestInit = {}) =>
    await app.request('/v1/audio/speech', {
      method: 'POST',
      body: JSON.stringify({ ...BASE, ...body }),
      ...init,
      headers: { 'Content-Type': 'application/json', ...init.headers },
    });
  /** The audio of an answer and its headers about it. */
  const audioOf = async (response: Response) => ({
    status: response.status,
    cache: response.headers.get('x-cache'),
    location: response.headers.get('content-location'),
    bytes: await response.bytes(),
  });
  const get = async (path: string) => await app.request(path);
  const say = async (body: object = {}, init?: RequestInit) => await audioOf(await speak(body, init));
  /** Waits until the audio of an answer is stored, which may be after the answer. */
  const kept = async ({ location }: { location: string | null }) =>
    await library.flights.find(location?.slice(7, 71) ?? '')?.whole(new AbortController().signal);
  return { ...tone, app, library, store, speak, say, get, kept };
}

describe('identical requests', () => {
  it.each(AUDIO_FORMATS)(
    '%s: is made once, found afterwards, and is what its location gives',
    async (response_format) => {
      const { say, get, count, store, kept } = setUp();
      const miss = await say({ response_format });
      expect(miss).toMatchObject({ status: 200, cache: 'miss' });
      expect(miss.location).toMatch(new RegExp(`^/audio/[0-9a-f]{64}\\.${response_format}$`));
      await kept(miss);
      const hit = await say({ response_format });
      expect(hit).toEqual({ ...miss, cache: 'hit' });
      expect(Buffer.compare(await (await get(miss.location!)).bytes(), miss.bytes)).toBe(0);
      expect(count.spoken).toBe(1);

      // Another process with the same store answers from it; one with its own store synthesizes the same bytes.
      expect(await setUp({}, store).say({ response_format })).toEqual({ ...miss, cache: 'hit' });
      expect(await setUp().say({ response_format })).toEqual(miss);
    },
  );

  it.each([false, true])('are one synthesis for all formats, planned during the stream: %s', async (lazy) => {
    const { say, get, count } = setUp({ lazy, chunks: 12 });
    const { location } = await say({ response_format: 'opus' });
    for (const format of AUDIO_FORMATS) {
      const transcoded = await (await get(location!.replace('opus', format))).bytes();
      const other = setUp({ lazy, chunks: 12 });
      const spoken = await other.say({ response_format: format });
      const stored = await (await other.get(spoken.location!)).bytes();
      expect(Buffer.compare(transcoded, stored), format).toBe(0);
      // A stream that begins before the length is known has another header.
      const headerOf = (file: Uint8Array) => {
        if (!lazy) return 0;
        if (format === 'm4a') return Buffer.from(file).indexOf('moof');
        return format === 'flac' || WAV_FORMATS.includes(format) ? 58 : 0;
      };
      const audioOf = (file: Uint8Array) => file.subarray(headerOf(file));
      expect(Buffer.compare(audioOf(stored), audioOf(spoken.bytes)), format).toBe(0);
    }
    expect(count.spoken).toBe(1);
  });

  it('read the stream of the first request from its beginning, before it is complete', async () => {
    const gate = deferred();
    const before = (index: number) => (index === 1 ? gate.promise : undefined);
    const { speak, count } = setUp({ lazy: true, before });
    const [first, second] = [
      await speak({ response_format: 'wav' }),
      await speak({ response_format: 'wav' }),
    ];
    expect([first, second].map(({ headers }) => headers.get('x-cache'))).toEqual(['miss', 'coalesced']);
    const readers = [first.body!.getReader(), second.body!.getReader()];
    const begun = await Promise.all(readers.map(async (reader) => (await reader.read()).value));
    expect(begun[0]?.length).toBeGreaterThan(44);
    expect(begun[1]).toEqual(begun[0]);
    gate.resolve();
    for (const reader of readers) while (!(await reader.read()).done);
    expect(count.spoken).toBe(1);
  });

  it.each([
    ['mulaw', {}],
    ['wav-8k', {}],
    ['wav', { sample_rate: 16_000 }],
  ])('%s is sent before it is complete where it is long', async (response_format, more) => {
    const gate = deferred();
    const before = (index: number) => (index === 30 ? gate.promise : undefined);
    const { speak } = setUp({ lazy: true, chunks: 40, before });
    const response = await speak({ response_format, ...more });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, null]);
    const reader = response.body!.getReader();
    expect((await reader.read()).value?.length).toBeGreaterThan(40);
    gate.resolve();
    while (!(await reader.read()).done);
  });

  it('are found by server-sent events and JSON too', async () => {
    const { say, speak, count, kept } = setUp();
    const { bytes, location } = await say({ response_format: 'wav' });
    await kept({ location });
    const json = await speak({ response_format: 'json', audio_format: 'wav' });
    expect(json.headers.get('x-cache')).toBe('hit');
    const { audio, duration_ms } = (await json.json()) as { audio: string; duration_ms: number };
    expect(Buffer.from(audio, 'base64').equals(bytes)).toBe(true);
    expect(duration_ms).toBe(300);
    const events = await (await speak({ response_format: 'wav', stream_format: 'sse' })).text();
    const deltas = [...events.matchAll(/"audio":"([^"]*)"/g)].map(([, part]) => Buffer.from(part, 'base64'));
    expect(Buffer.concat(deltas).equals(bytes)).toBe(true);
    expect(events).toContain('"output_tokens":24');
    expect(count.spoken).toBe(1);
  });

  it('200 at once: one synthesis, 200 equal bodies', async () => {
    const gate = deferred();
    const { speak, count } = setUp({ before: (index) => (index === 1 ? gate.promise : undefined) });
    const answers = Promise.all(
      Array.from({ length: 200 }, async () => {
        const response = await speak({ response_format: 'wav' });
        return { cache: response.headers.get('x-cache'), bytes: Buffer.from(await response.arrayBuffer()) };
      }),
    );
    await vi.waitFor(() => expect(count.made).toBe(1));
    gate.resolve();
    const all = await answers;
    expect(count.spoken).toBe(1);
    expect(all.every(({ bytes }) => bytes.equals(all[0].bytes))).toBe(true);
    expect(all.filter(({ cache }) => cache === 'miss')).toHaveLength(1);
    expect(all.filter(({ cache }) => cache === 'coalesced').length).toBeGreaterThan(0);
    expect(all.filter(({ cache }) => cache !== 'miss' && cache !== 'coalesced' && cache !== 'hit')).toEqual(
      [],
    );
  });

  it('continue when the first client disconnects', async () => {
    const gate = deferred();
    const { speak, count } = setUp({
      chunks: 6,
      before: (index) => (index === 3 ? gate.promise : undefined),
    });
    const client = new AbortController();
    const first = await speak({ response_format: 'pcm' }, { signal: client.signal });
    await first.body!.getReader().read();
    const second = await speak({ response_format: 'pcm' });
    expect(second.headers.get('x-cache')).toBe('coalesced');
    const bytes = second.bytes();
    await vi.waitFor(() => expect(count.made).toBe(3));
    client.abort();
    gate.resolve();
    expect((await bytes).length).toBe(6 * 2400 * 2);
    expect(count).toMatchObject({ spoken: 1, aborted: 0 });
  });

  it('synthesize again when the platform has ended the first request with all its work', async () => {
    let dead = true;
    const { speak, say, count } = setUp(
      { before: () => (dead ? new Promise(() => {}) : undefined) },
      memoryStore(),
      250,
    );
    void speak();
    await vi.waitFor(() => expect(count.spoken).toBe(1));
    dead = false;
    const answers = await Promise.all([say(), say(), say()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.filter(({ cache }) => cache === 'miss')).toHaveLength(1);
    expect(count.spoken).toBe(2);
  });

  it('abort when every client has disconnected, and synthesize again for the next', async () => {
    const { speak, say, count } = setUp({ chunks: 50 });
    const reader = (await speak({ response_format: 'pcm' })).body!.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => count.ended).toBe(1);
    expect(count.aborted).toBe(1);
    expect(count.made).toBeLessThan(10);
    expect((await say({ response_format: 'pcm' })).cache).toBe('miss');
    expect(count.spoken).toBe(2);
  });
});

describe('audio that is not stored', () => {
  it('no-store: neither looked up nor stored', async () => {
    const { say, count } = setUp();
    const first = await say({}, { headers: { 'Cache-Control': 'no-cache, no-store' } });
    expect(first).toMatchObject({ cache: 'bypass', location: null });
    expect(await say()).toEqual({ ...first, cache: 'miss', location: expect.any(String) });
    expect((await say({}, { headers: { 'Cache-Control': 'no-store' } })).cache).toBe('bypass');
    expect(count.spoken).toBe(3);
  });

  it('timestamps refer to the text as it was sent', async () => {
    const { speak, requests } = setUp();
    const input = '  Hello   there. ';
    const response = await speak({ input, response_format: 'json', timestamps: 'word' });
    const { timestamps } = (await response.json()) as { timestamps: { word: { span: { start: number } }[] } };
    expect(response.headers.get('x-cache')).toBe('bypass');
    expect(timestamps.word[0].span.start).toBe(2);
    expect(requests[0].input).toBe(input);
  });

  it('without a storage there is still speech', async () => {
    const away = async () => {
      throw new Error('out of reach');
    };
    const broken: AudioStore = { head: away, get: away, putIfAbsent: away, list: away, delete: away };
    const { say, get } = setUp({}, broken);
    expect(await say()).toMatchObject({ status: 200, cache: 'bypass', location: null });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const response = await get(`/audio/${'0'.repeat(64)}.mp3`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'storage_unavailable' } });
  });

  it('a failure is not cached', async () => {
    let failing = true;
    const { say, store, kept } = setUp({
      before: (index) => {
        if (failing && index === 0) throw new Error('broken');
      },
    });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect((await say()).status).toBe(500);
    failing = false;
    const { status, cache, location } = await say();
    expect({ status, cache }).toEqual({ status: 200, cache: 'miss' });
    await kept({ location });
    expect(await store.head(location!.replace('/audio/', ''))).not.toBeNull();
  });
});

describe('the cache key', () => {
  const style = (value: number) =>
    encodeStyleId(
      Float32Array.from(TONE_STYLE, (v, i) => (i ? v : value)),
      TONE_MODEL.styleSpace,
    );
  const keyOf = async (body: object, version = TONE_MODEL, build?: string) => {
    const { say } = setUp({ model: () => version, build });
    return (await say(body)).location!.slice(7, 71);
  };

  it.each([
    ['white space', { input: ' Hello \t there. ' }],
    ['composition', { input: 'Hello there.'.normalize('NFD') }],
    ['a model by OpenAI’s name', { model: 'tts-1' }],
    ['a voice by OpenAI’s name', { voice: 'nova' }],
    ['a voice as an object', { voice: { id: 'clara' } }],
    ['a mix of one', { voice: 'clara(3)' }],
    ['defaults that are spelled out', { speed: 1, seed: 0, pitch: 0, pauses: 1 }],
    ['the format', { response_format: 'flac' }],
    ['instructions without a known word', { instructions: 'Speak like a pirate.' }],
    ['null', { speed: null, language: null, instructions: null }],
    ['case, and numbers as texts', { model: 'TTS-1', voice: 'Clara', speed: '1.0', response_format: 'MP3' }],
  ])('does not depend on %s', async (_what, body) => {
    expect(await keyOf(body)).toBe(await keyOf({}));
  });

  it('is the same for equivalent Unicode forms of accents', async () => {
    expect(await keyOf({ input: 'Zo\u0065\u0308.' })).toBe(await keyOf({ input: 'Zo\u00eb.' }));
  });

  it('changes with every parameter that changes the audio', async () => {
    const others = [
      {},
      { input: 'Hello there!' },
      { input: 'Hello\n\nthere.' },
      { voice: 'hazel' },
      { voice: 'hazel(1)+clara(1)' },
      { voice: 'hazel(2)+clara(1)' },
      { language: 'en-AU' },
      { speed: 1.5 },
      { seed: 1 },
      { pitch: 1 },
      { pitch_range: 2 },
      { energy: 1 },
      { pauses: 2 },
      { emotion: 'happy' },
      { emotion: { happy: 0.5 } },
      { alpha: 0.5 },
      { beta: 0.5 },
      { diffusion_steps: 3 },
      { embedding_scale: 2 },
      { refine_steps: 2 },
      { pronunciations: { there: 'ðɛː' } },
      { loudness: -16 },
      { loudness: 'off' },
      { voice: undefined, style: style(0.5) },
      { voice: undefined, style: style(0.75) },
    ];
    const keys = await Promise.all(others.map((body) => keyOf(body)));
    keys.push(await keyOf({}, { ...TONE_MODEL, fingerprint: 'e'.repeat(64) }));
    keys.push(await keyOf({}, TONE_MODEL, 'native-cuda'));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('loudness', () => {
  const loudnessOf = async (body: object) => {
    const { say, get } = setUp({ chunks: 20 });
    const { location } = await say(body);
    const samples = async (format: AudioFormatId) =>
      await (await get(location!.replace(/\.[\w-]+$/, `.${format}`))).bytes();
    const narrow = await samples('wav-8k');
    const pcm = new Int16Array(narrow.slice(44).buffer);
    return {
      wide: integratedLoudness(readMasterWav(await samples('wav')), 24_000),
      narrow: integratedLoudness(pcm, 8_000),
    };
  };

  it('is that of the voice by default, and R 128’s for telephony', async () => {
    const { wide, narrow } = await loudnessOf({});
    expect(wide).toBeGreaterThan(-16);
    expect(narrow).toBeCloseTo(-23, 0);
  });

  it('follows the requested energy', async () => {
    expect((await loudnessOf({ energy: -6 })).narrow).toBeCloseTo(-29, 0);
  });

  it('is what the request says', async () => {
    const { wide, narrow } = await loudnessOf({ loudness: -30 });
    expect(wide).toBeCloseTo(-30, 0);
    expect(narrow).toBeCloseTo(-30, 0);
  });

  it('off: unchanged', async () => {
    const { wide, narrow } = await loudnessOf({ loudness: 'off' });
    expect(Math.abs(wide - narrow)).toBeLessThan(1);
  });

  it.each([-41, -7, 'loud', true])('%s is refused', async (loudness) => {
    const { speak } = setUp();
    const response = await speak({ loudness });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'loudness' } });
  });
});
