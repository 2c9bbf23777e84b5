import { beforeAll, describe, expect, it } from 'vitest';
import { decodeRecording } from '../../../../src/audio/decoders/recording.ts';
import { AUDIO_FORMATS, type AudioFormatId, WAV_FORMATS } from '../../../../src/audio/format.ts';
import { toFloat32Array, toInt16Array } from '../../../../src/audio/samples.ts';
import { readTags } from '../../../../src/audio/tags/read.ts';
import { detectWatermark } from '../../../../src/audio/watermark/detect.ts';
import { embedWatermark } from '../../../../src/audio/watermark/embed.ts';
import { watermarkPayload } from '../../../../src/features/delivery/private-audio.ts';
import { speechLike } from '../../../contract/audio/audio-signal.ts';
import { CHUNK, type ToneOptions } from '../../../fixtures/tone-engine.ts';
import { voicesApp } from '../../../support/apps/voices-app.ts';
import { deferred } from '../../../support/deferred.ts';

/** Four seconds of something like speech, made as 40 sentences. */
const CHUNKS = 40;
const SOUND = speechLike(CHUNKS * CHUNK);

/** Called before a sentence is made. */
type Before = (index: number) => unknown;

/** An app with a cloned voice, and a function that sends a request without reading its answer. The preview is made without `before`. */
async function setUp(
  { before, ...tone }: ToneOptions & { before?: Before } = {},
  deps: Parameters<typeof voicesApp>[0] = {},
) {
  let ready = false;
  const app = await voicesApp({
    ...deps,
    tone: {
      chunks: CHUNKS,
      sound: SOUND,
      ...tone,
      before: (index) => (ready ? before?.(index) : undefined),
    },
  });
  const { id } = (await app.clone()).json;
  ready = true;
  const headers = { Authorization: `Bearer ${app.owner}`, 'Content-Type': 'application/json' };
  const start = (voice: string, fields: object, more: Record<string, string> = {}) => {
    const body = JSON.stringify({ model: 'tone-1', voice, input: 'Hello.', ...fields });
    return app.app.request('/v1/audio/speech', { method: 'POST', headers: { ...headers, ...more }, body });
  };
  const get = (path: string) => app.app.request(path, { headers });
  return { ...app, id, start, get };
}

/** The part of a file after its header, which depends on whether the length was known. */
function audioOf(format: AudioFormatId, file: Uint8Array): Uint8Array {
  const at = (name: string) => Buffer.from(file).indexOf(name);
  if (WAV_FORMATS.includes(format)) return file.subarray(at('data') + 8);
  if (format === 'm4a') return file.subarray(at('moof'));
  return file.subarray(format === 'flac' ? 42 : 0);
}

/** Decodes a file that was streamed. */
async function samplesOf(format: AudioFormatId, file: Uint8Array): Promise<[Float32Array, number]> {
  if (format === 'mulaw') return [Float32Array.from(file, mulawSample), 8000];
  const { samples, sampleRate } = await decodeRecording(file, 60);
  return [samples, sampleRate];
}

/** ITU-T G.711. */
function mulawSample(byte: number): number {
  const code = ~byte & 0xff;
  const level = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80 ? -level : level) / 32_768;
}

describe('speech with a cloned voice', () => {
  const events: string[] = [];
  let app: Awaited<ReturnType<typeof setUp>>;

  beforeAll(async () => {
    const before = (index: number) => {
      if (index === CHUNKS - 1) events.push('last sentence');
    };
    app = await setUp({ lazy: true, before });
  });

  it.each(AUDIO_FORMATS)('is sent while it is made, as that of a built-in voice: %s', async (format) => {
    const { id, start, get } = app;
    const headers: string[][] = [];
    for (const voice of [id, 'clara']) {
      events.length = 0;
      // Each format has a text of its own, which is not stored yet.
      const response = await start(voice, { input: `Hello in ${format}.`, response_format: format });
      expect(response.status).toBe(200);
      headers.push([...response.headers.keys(), `${response.headers.get('content-length')}`].sort());
      const reader = response.body!.getReader();
      const pieces = [(await reader.read()).value!];
      events.push('first audio');
      for (let read = await reader.read(); !read.done; read = await reader.read()) pieces.push(read.value);
      expect(events).toEqual(['first audio', 'last sentence']);
      const stored = await (await get(response.headers.get('content-location')!)).bytes();
      const sent = new Uint8Array(Buffer.concat(pieces));
      expect(Buffer.compare(audioOf(format, sent), audioOf(format, stored))).toBe(0);
      if (voice === 'clara') continue;
      expect(readTags(sent)).toEqual(readTags(stored));
      if (format === 'pcm' || format === 'mulaw' || format === 'alaw') expect(readTags(sent)).toBeUndefined();
      else expect(readTags(sent)).toMatchObject({ generator: 'Sori', voice: id });
    }
    expect(headers[0]).toEqual(headers[1]);
  });
});

describe('speech with a cloned voice', () => {
  // A watermark is read in six seconds of any format.
  let app: Awaited<ReturnType<typeof setUp>>;

  beforeAll(async () => {
    app = await setUp({ lazy: true, chunks: 60, sound: speechLike(60 * CHUNK) });
  });

  it.each(['wav', 'flac', 'mp3', 'opus', 'aac', 'm4a', 'mulaw'] as const)(
    'has its watermark and payload in the streamed bytes: %s',
    async (format) => {
      const { id, start } = app;
      const input = `Hello in ${format}.`;
      const bytes = await (await start(id, { input, response_format: format })).bytes();
      const payload = await watermarkPayload([id]);
      expect(detectWatermark(...(await samplesOf(format, bytes)))).toMatchObject({ found: true, payload });
    },
  );

  it.each([false, true])(
    'is marked as a finished recording would be, planned meanwhile: %s',
    async (lazy) => {
      const { id, start, library, get } = await setUp({ lazy });
      const marked = embedWatermark(toInt16Array(SOUND), await watermarkPayload([id]));
      const response = await start(id, { response_format: 'pcm' });
      expect(response.headers.get('content-length')).toBe(lazy ? null : String(2 * SOUND.length));
      const bytes = await response.bytes();
      expect(Buffer.compare(bytes, new Uint8Array(marked.buffer))).toBe(0);
      const path = response.headers.get('content-location')!;
      await get(path);
      expect((await library.master(path.slice('/audio/'.length).split('.')[0]))!.samples).toEqual(marked);
      // Speech that is not stored is the same.
      const unstored = await start(id, { response_format: 'pcm' }, { 'Cache-Control': 'no-store' });
      expect(unstored.headers.get('x-cache')).toBe('bypass');
      expect(Buffer.compare(await unstored.bytes(), bytes)).toBe(0);
    },
  );

  it('states its exact length where a built-in voice does', async () => {
    const { id, start } = await setUp();
    for (const format of ['wav', 'pcm', 'mulaw', 'wav-8k']) {
      const response = await start(id, { response_format: format, loudness: 'off' });
      const stated = Number(response.headers.get('content-length'));
      expect([format, (await response.bytes()).length]).toEqual([format, stated]);
    }
  });

  it('waits for all audio where a loudness is requested', async () => {
    const { id, start } = await setUp({ lazy: true });
    const bytes = await (await start(id, { response_format: 'wav', loudness: -20 })).bytes();
    expect(detectWatermark(...(await samplesOf('wav', bytes)))).toMatchObject({
      payload: await watermarkPayload([id]),
    });
  });

  it('ends when its client leaves; nothing is stored', async () => {
    const gate = deferred();
    const before = (index: number) => (index === 20 ? gate.promise : undefined);
    const { id, start, tone, stored } = await setUp({ lazy: true, before });
    const kept = await stored.left();
    const aborted = tone.count.aborted;
    const reader = (await start(id, { response_format: 'pcm' })).body!.getReader();
    expect((await reader.read()).value!.length).toBeGreaterThan(0);
    await reader.cancel();
    gate.resolve();
    await expect.poll(() => tone.count.aborted).toBe(aborted + 1);
    expect(await stored.left()).toEqual(kept);
  });

  it('breaks off when the voice is deleted, after 10 s of audio at the latest; nothing is stored', async () => {
    const gate = deferred();
    const chunks = 220;
    let made = 0;
    const before = async (index: number) => {
      made = index;
      if (index === 105) await gate.promise;
    };
    const { id, start, send, owner, stored, library } = await setUp({
      lazy: true,
      chunks,
      before,
      sound: undefined,
    });
    const response = await start(id, { response_format: 'pcm' });
    const read = response.bytes();
    read.catch(() => {});
    await expect.poll(() => made).toBe(105);
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).status).toBe(200);
    gate.resolve();
    await expect(read).rejects.toThrow();
    expect(made).toBeLessThan(202);
    expect(await stored.left()).toEqual([]);
    expect(library.writes?.lost).toBe(0);
  });

  it('that is deleted at the end is not stored, and does not count as lost', async () => {
    const gate = deferred();
    const before = (index: number) => (index === CHUNKS - 1 ? gate.promise : undefined);
    const { id, start, send, owner, stored, library, get } = await setUp({ lazy: true, before });
    const response = await start(id, { response_format: 'pcm' });
    const read = response.bytes();
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).status).toBe(200);
    gate.resolve();
    await read;
    expect((await get(response.headers.get('content-location')!)).status).toBe(404);
    expect(await stored.left()).toEqual([]);
    expect(library.writes?.lost).toBe(0);
  });
});

describe('a signed address of a cloned voice', () => {
  it('is streamed on a miss, and no cache may store it', async () => {
    const events: string[] = [];
    const before = (index: number) => {
      if (index === CHUNKS - 1) events.push('last sentence');
    };
    const signingKeys = new Map([['k1', 'a secret that signs addresses in this test']]);
    for (const lazy of [true, false]) {
      const { id, send, owner, app } = await setUp({ lazy, before }, { signingKeys });
      const asked = { model: 'tone-1', voice: id, input: 'Signed.', response_format: 'wav' };
      const { url } = (await send('POST', '/v1/audio/speech/sign', owner, asked)).json;
      const { pathname, search } = new URL(url);
      events.length = 0;
      const response = await app.request(pathname + search);
      const reader = response.body!.getReader();
      await reader.read();
      events.push('first audio');
      while (!(await reader.read()).done);
      expect(events).toEqual(['first audio', 'last sentence']);
      const { headers } = response;
      expect(headers.get('cache-control')).toBe(lazy ? 'no-store' : 'private, no-cache');
      expect(headers.get('vary')).toMatch(/authorization/i);
    }
  });
});

it('a cloned voice and a built-in one sound alike but for the watermark', async () => {
  const { id, start } = await setUp({ lazy: true });
  const [own, plain] = await Promise.all(
    [id, 'clara'].map(async (voice) => (await start(voice, { response_format: 'pcm' })).bytes()),
  );
  expect(own.length).toBe(plain.length);
  expect(Buffer.compare(own, plain)).not.toBe(0);
  const samples = toFloat32Array(new Int16Array(plain.slice().buffer));
  expect(detectWatermark(samples, 24_000).found).toBe(false);
});
