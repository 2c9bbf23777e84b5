import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { beforeAll, expect, it } from 'vitest';
import { parseVtt } from '../support/captions.ts';
import type { ServerUnderTest } from './http.contract.ts';

type Format = NonNullable<OpenAI.Audio.SpeechCreateParams['response_format']>;

/** What the official client of OpenAI does with a server, without changes to the client. */
export function openaiContract(server: () => ServerUnderTest): void {
  let client: OpenAI;
  const phrase = { model: 'tts-1', voice: 'alloy', input: 'Your table is ready.' } as const;

  beforeAll(() => {
    client = new OpenAI({ baseURL: new URL('/v1', server().url).href, apiKey: server().adminKey });
  });

  it.each<[Format | 'm4a' | 'mulaw' | 'alaw', RegExp]>([
    ['mp3', /^\xff[\xe0-\xff]/],
    ['opus', /^OggS[\s\S]*OpusHead/],
    ['aac', /^\xff\xf1/],
    ['m4a', /^[\s\S]{4}ftypM4A /],
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
    // MP3 is streamed as it is made, without a known length. The other formats are encoded from the stored recording.
    expect(length).toBe(format === 'mp3' ? null : String(bytes.length));
    expect(response.headers.get('x-cache')).toMatch(format === 'mp3' ? /^miss$/ : /^(?:hit|coalesced)$/);
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

  it('sends this service’s own fields', async () => {
    const own = {
      ...phrase,
      voice: 'alloy(2)+nova(1)',
      emotion: { happy: 0.6, sad: 0.2 },
      pitch: 1,
      pauses: 2,
      seed: 3,
      response_format: 'json' as Format,
      audio_format: 'pcm',
      timestamps: ['word', 'sentence'],
    };
    const response = await client.audio.speech.create(own);
    expect(response.headers.get('content-type')).toBe('application/json');
    const { audio, duration_ms, timestamps } = (await response.json()) as {
      audio: string;
      duration_ms: number;
      timestamps: Record<string, { start_ms: number; end_ms: number; text: string }[]>;
    };
    expect(Buffer.from(audio, 'base64').length).toBe(duration_ms * 48);
    expect(timestamps.word.map(({ text }) => text)).toEqual(['Your', 'table', 'is', 'ready']);
    expect(timestamps.sentence.map(({ text }) => text)).toEqual([phrase.input]);
    expect(timestamps.word.at(-1)!.end_ms).toBeLessThanOrEqual(duration_ms);

    const captions = await client.post<string>('/audio/speech.vtt', { body: { ...own, timestamps: 'word' } });
    const cues = parseVtt(captions);
    expect(cues.map(({ text }) => text)).toEqual(['Your', 'table', 'is', 'ready']);
    expect(cues.map(({ start }) => start)).toEqual(
      timestamps.word.map(({ start_ms }) => Math.round(start_ms)),
    );
  });

  it('speaks SSML, and receives errors in it', async () => {
    const create = (input: string) =>
      client.audio.speech.create({ ...phrase, input, response_format: 'pcm' });
    const length = async (input: string) => (await (await create(input)).arrayBuffer()).byteLength;
    const pause = '<speak>Your table<break time="2s"/> is ready.</speak>';
    const plain = await length('<speak>Your table is ready.</speak>');
    expect((await length(pause)) - plain).toBeGreaterThan(1.5 * 48_000);
    const unknown = await create('<speak>Your <blink>table</blink> is ready.</speak>');
    expect(unknown.headers.get('x-sori-ignored')).toBe('ignored_element;line=1;column=13');
    expect((await unknown.arrayBuffer()).byteLength).toBe(plain);
    const error = await create('<speak>Your <blink>table</speak>').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: 'invalid_ssml', param: 'input' });
    expect((error as Error).message).toMatch(/blink.*line 1, column 25/);
  });

  it('selects an emotion and a voice', async () => {
    const refusal = (fields: object) =>
      client.audio.speech.create({ ...phrase, ...fields }).catch((e: unknown) => e);
    expect(await refusal({ emotion: { glee: 1 } })).toMatchObject({
      status: 400,
      code: 'unknown_emotion',
      param: 'emotion',
      message: expect.stringContaining('neutral'),
    });
    expect(await refusal({ voice: 'alloy+nobody' })).toMatchObject({ code: 'unknown_voice', param: 'voice' });
  });

  it('accepts a voice as an object, and a speed', async () => {
    const length = async (speed: number) => {
      const body = { ...phrase, voice: { id: 'clara' }, speed, response_format: 'pcm' } as const;
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
      message: expect.stringContaining('hazel'),
    });
    const missing = await client.models.retrieve('gpt-9').catch((e: unknown) => e);
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({ status: 404, code: 'unknown_model', param: 'model' });
  });

  it('lists and describes models', async () => {
    const { data } = await client.models.list();
    expect(data).toMatchObject([{ id: 'sori-2', object: 'model', owned_by: 'sori' }]);
    expect((await client.models.retrieve('tts-1')).id).toBe('sori-2');
  });
}
