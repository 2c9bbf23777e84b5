import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, transcode } from '../../../src/audio/transcode.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { parseSrt, parseVtt } from '../../support/captions.ts';
import { writeTinyKokoro, writeTinyWhisper } from '../../support/models/tiny-models.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';
import { realEdge } from '../../support/servers/wasm-edge.ts';

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';

/** A hum at 24 kHz, with silence in it. */
const hum = (seconds: number, silence: readonly [number, number] = [0, 0]) =>
  toInt16Array(
    Float32Array.from({ length: seconds * 24_000 }, (_, i) => {
      const at = i / 24_000;
      return at >= silence[0] && at < silence[1] ? 0 : 0.3 * Math.sin(i * 0.05);
    }),
  );
const wav = (seconds: number, silence?: readonly [number, number]) =>
  toFile(masterWav(hum(seconds, silence)), 'speech.wav');

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
let guarded: RunningOrigin;
let client: OpenAI;
beforeAll(async () => {
  folder = await serverFolder();
  const SORI_MODELS = join(folder.path, 'models');
  await writeTinyWhisper(join(SORI_MODELS, 'whisper-tiny'));
  await writeTinyKokoro(join(SORI_MODELS, 'kokoro'));
  [origin, guarded] = await Promise.all([
    runOrigin(folder.path, { AUTH: 'off', SORI_MODELS }),
    runOrigin(folder.path, { ORIGIN_SECRETS, SORI_MODELS, STATE_DIR: join(folder.path, 'guarded') }),
  ]);
  client = new OpenAI({ baseURL: new URL('/v1', origin.url).href, apiKey: 'any', maxRetries: 0 });
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await guarded?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const send = (fields: Record<string, string | Blob>, path = '/v1/audio/transcriptions') => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return fetch(new URL(path, origin.url), { method: 'POST', body: form });
};
const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

describe('the official openai client, unchanged', () => {
  it('transcribes a recording', async () => {
    const { text, usage } = await client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await wav(2),
    });
    expect(text).toBe('hello world.');
    expect(usage).toEqual({ type: 'duration', seconds: 2 });
  });

  it('reads MP3, FLAC and Ogg Opus', async () => {
    const master = { samples: hum(2), long: false, telephonyLoudness: null };
    for (const format of ['mp3', 'flac', 'opus'] as const) {
      const file = await toFile(await transcode(createEncoder, master, format), `speech.${format}`);
      const { text } = await client.audio.transcriptions.create({ model: 'whisper-tiny', file });
      expect([format, text]).toEqual([format, 'hello world.']);
    }
  });

  it('returns segments and words with their times', async () => {
    const verbose = await client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await wav(2),
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    });
    expect(verbose).toMatchObject({
      task: 'transcribe',
      language: 'english',
      duration: 2,
      text: 'hello world.',
    });
    expect(verbose.segments).toMatchObject([
      { id: 0, start: 0, end: 1, text: ' hello world.', temperature: 0 },
    ]);
    expect(verbose.words!.map(({ word }) => word)).toEqual(['hello', 'world.']);
    expect(verbose.words![1].start).toBeGreaterThan(verbose.words![0].start);
    const plain = await client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await wav(2),
      response_format: 'verbose_json',
    });
    expect(plain).not.toHaveProperty('words');
  });

  it('returns captions and text', async () => {
    const get = async (response_format: 'srt' | 'vtt' | 'text') =>
      (await client.audio.transcriptions.create({
        model: 'whisper-1',
        file: await wav(2),
        response_format,
      })) as unknown as string;
    const caption = { start: 0, end: 1000, text: 'hello world.' };
    expect(parseSrt(await get('srt'))).toEqual([caption]);
    expect(parseVtt(await get('vtt'))).toEqual([caption]);
    expect(await get('text')).toBe('hello world.\n');
  });

  it('streams the transcript window by window for a long recording', async () => {
    const stream = await client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await wav(40, [18, 22]),
      stream: true,
    });
    const events = [];
    for await (const event of stream) events.push(event);
    const text = 'hello world. hello world.';
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text });
    const deltas = events.flatMap((event) => (event.type === 'transcript.text.delta' ? [event.delta] : []));
    expect(deltas).toEqual(['hello world.', ' hello world.']);
    const verbose = await client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await wav(40, [18, 22]),
      response_format: 'verbose_json',
    });
    expect(verbose.duration).toBe(40);
    expect(verbose.segments![1].start).toBeCloseTo(21.75, 1);
  });

  it('translates a recording to English', async () => {
    const { text } = await client.audio.translations.create({ model: 'whisper-1', file: await wav(2) });
    expect(text).toBe('good day.');
  });
});

describe('requests that cannot be answered', () => {
  const file = new File([masterWav(hum(1)) as Uint8Array<ArrayBuffer>], 'speech.wav');
  it.each<[Record<string, string | Blob>, number, string]>([
    [{ model: 'whisper-1' }, 400, 'missing_required_parameter'],
    [{ file }, 400, 'missing_required_parameter'],
    [{ file, model: 'kokoro' }, 404, 'unknown_model'],
    [{ file, model: 'whisper-1', language: 'xx' }, 400, 'unsupported_language'],
    [{ file, model: 'whisper-1', language: 'not a language' }, 400, 'invalid_value'],
    [{ file, model: 'whisper-1', temperature: '2' }, 400, 'invalid_value'],
    [{ file, model: 'whisper-1', response_format: 'docx' }, 400, 'invalid_value'],
    [{ file, model: 'whisper-1', 'timestamp_granularities[]': 'word' }, 400, 'conflicting_parameters'],
    [{ file, model: 'whisper-1', stream: 'true', response_format: 'srt' }, 400, 'conflicting_parameters'],
    [{ file: new File(['no sound'], 'a.wav'), model: 'whisper-1' }, 400, 'invalid_reference'],
  ])('are refused: %o', async (fields, status, code) => {
    const response = await send(fields);
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
  });
});

describe('an edge', () => {
  const ask = async (edge: ReturnType<typeof realEdge>, path = '/v1/audio/transcriptions') => {
    const form = new FormData();
    form.append('file', new File([masterWav(hum(2)) as Uint8Array<ArrayBuffer>], 'speech.wav'));
    form.append('model', 'whisper-1');
    return await edge.app.request(path, { method: 'POST', body: form });
  };

  it('has its origin transcribe recordings', async () => {
    const edge = realEdge(folder.path, originsOf({ ORIGINS: guarded.url.origin, ORIGIN_SECRETS })!);
    const response = await ask(edge);
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=model');
    expect(response.headers.get('x-sori-audio-ms')).toBe('2000');
    expect(await response.json()).toMatchObject({ text: 'hello world.' });
    expect(await (await ask(edge, '/v1/audio/translations')).json()).toMatchObject({ text: 'good day.' });
  });

  it('has its origin translate speech, and speaks the translation itself', async () => {
    const edge = realEdge(folder.path, originsOf({ ORIGINS: guarded.url.origin, ORIGIN_SECRETS })!);
    const form = new FormData();
    form.append('file', new File([masterWav(hum(2)) as Uint8Array<ArrayBuffer>], 'speech.wav'));
    form.append('voice', 'alloy');
    form.append('stream', 'true');
    const response = await edge.app.request('/v1/audio/speech-translations', { method: 'POST', body: form });
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=model');
    const events = (await response.text()).split('\n\n').filter(Boolean);
    expect(JSON.parse(events[0].slice('data: '.length))).toMatchObject({
      text: 'good day.',
      language: 'en',
      audio_start_ms: 20,
      audio: expect.stringMatching(/^.{1000,}$/),
    });
    expect(events.at(-1)).toContain('speech.translation.done');
  });

  it('reports that there is no origin', async () => {
    const response = await ask(realEdge(folder.path, undefined as never));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'model_unavailable', message: /ORIGINS/ } });
  });
});

it('reports how an operator adds a transcription model to an origin without one', async () => {
  await using bare = await runOrigin(folder.path, {
    AUTH: 'off',
    SORI_MODELS: join(folder.path, 'none'),
    STATE_DIR: join(folder.path, 'bare'),
  });
  const other = new OpenAI({ baseURL: new URL('/v1', bare.url).href, apiKey: 'any', maxRetries: 0 });
  const asked = other.audio.transcriptions.create({ model: 'whisper-1', file: await wav(1) });
  await expect(asked).rejects.toMatchObject({ status: 503, message: /sori -- models add/ });
});
