import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, runServer, serverFolder } from '../support/running-server.ts';

type Format = NonNullable<OpenAI.Audio.SpeechCreateParams['response_format']>;

describe('the official openai client, unchanged', () => {
  let folder: Awaited<ReturnType<typeof serverFolder>>;
  let server: RunningServer;
  let client: OpenAI;
  const phrase = { model: 'tts-1', voice: 'alloy', input: 'Your table is ready.' } as const;

  beforeAll(async () => {
    folder = await serverFolder();
    server = await runServer(folder.path);
    client = new OpenAI({ baseURL: new URL('/v1', server.url).href, apiKey: 'any' });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it.each<[Format | 'mulaw' | 'alaw', RegExp]>([
    ['mp3', /^\xff[\xe0-\xff]/],
    ['opus', /^OggS[\s\S]*OpusHead/],
    ['flac', /^fLaC/],
    ['wav', /^RIFF[\s\S]{4}WAVEfmt /],
    ['pcm', /^/],
    ['mulaw', /^/],
    ['alaw', /^/],
  ])('speaks %s', async (format, magic) => {
    const response = await client.audio.speech.create({ ...phrase, response_format: format as Format });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.length).toBeGreaterThan(500);
    expect(bytes.subarray(0, 64).toString('latin1')).toMatch(magic);
    const length = response.headers.get('content-length');
    const exact = ['wav', 'pcm', 'mulaw', 'alaw'].includes(format);
    expect(length).toBe(exact ? String(bytes.length) : null);
  });

  it('streams the body', async () => {
    const whole = await (
      await client.audio.speech.create({ ...phrase, response_format: 'pcm' })
    ).arrayBuffer();
    const pieces: Uint8Array[] = [];
    const input = Array(12).fill(phrase.input).join(' ');
    const response = await client.audio.speech.create({ ...phrase, input, response_format: 'pcm' });
    for await (const piece of response.body!) pieces.push(piece as Uint8Array);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).length).toBeGreaterThan(whole.byteLength * 6);
  });

  it('streams events', async () => {
    const pcm = { ...phrase, response_format: 'pcm' } as const;
    const whole = Buffer.from(await (await client.audio.speech.create(pcm)).arrayBuffer());
    const response = await client.audio.speech.create({ ...pcm, stream_format: 'sse' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const deltas: Buffer[] = [];
    let usage: Record<string, number> | undefined;
    for (const event of (await response.text()).trim().split('\n\n')) {
      const data = JSON.parse(event.replace(/^data: /, ''));
      if (data.type === 'speech.audio.delta') deltas.push(Buffer.from(data.audio, 'base64'));
      if (data.type === 'speech.audio.done') usage = data.usage;
    }
    expect(Buffer.compare(Buffer.concat(deltas), whole)).toBe(0);
    expect(usage).toMatchObject({ input_tokens: 20, output_tokens: whole.length / 600 });
  });

  it('takes a voice as an object, and a speed', async () => {
    const length = async (speed: number) => {
      const body = { ...phrase, voice: { id: 'linda' }, speed, response_format: 'pcm' } as const;
      return Number((await client.audio.speech.create(body)).headers.get('content-length'));
    };
    expect(await length(0.5)).toBeGreaterThan(1.5 * (await length(1)));
  });

  it('parses an error: status, code, param, type, request id', async () => {
    const error = await client.audio.speech.create({ ...phrase, voice: 'nobody' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      code: 'unknown_voice',
      param: 'voice',
      type: 'invalid_request_error',
      requestID: expect.stringMatching(/^[\w-]{36}$/),
      message: expect.stringContaining('kathleen'),
    });
    const missing = await client.models.retrieve('gpt-9').catch((e: unknown) => e);
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({ status: 404, code: 'unknown_model', param: 'model' });
  });

  it('lists and describes models', async () => {
    const { data } = await client.models.list();
    expect(data).toMatchObject([{ id: 'sori-1', object: 'model', owned_by: 'sori' }]);
    expect((await client.models.retrieve('tts-1')).id).toBe('sori-1');
  });
});
