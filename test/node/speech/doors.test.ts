import { once } from 'node:events';
import { DeepgramClient } from '@deepgram/sdk';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sessionsServer } from '../../support/servers/sessions-server.ts';

/** The clients of docs/clients.md; test/node/cli/documented-commands.test.ts runs them against the Worker too. */
const TEXT = 'Your table is ready.';

let server: Awaited<ReturnType<typeof sessionsServer>>;
let KEY: string;

beforeAll(async () => {
  server = await sessionsServer();
  KEY = (await server.makeKey()).key;
});
afterAll(() => server[Symbol.asyncDispose]());

const bytesOf = async (stream: ReadableStream<Uint8Array>) =>
  Buffer.from(await new Response(stream).arrayBuffer());

describe('ElevenLabs’ client, unchanged', () => {
  const clientWith = (apiKey: string) => new ElevenLabsClient({ baseUrl: server.url.origin, apiKey });
  const request = { text: TEXT, modelId: 'eleven_multilingual_v2' } as const;

  it('speaks and streams', async () => {
    const { textToSpeech } = clientWith(KEY);
    const mp3 = await bytesOf(
      await textToSpeech.convert('clara', { ...request, outputFormat: 'mp3_44100_128' }),
    );
    expect(mp3[0]).toBe(0xff);
    const pcm = await bytesOf(await textToSpeech.stream('clara', { ...request, outputFormat: 'pcm_16000' }));
    const wide = await bytesOf(await textToSpeech.stream('clara', { ...request, outputFormat: 'pcm_24000' }));
    expect(pcm.length / wide.length).toBeCloseTo(2 / 3, 2);
  });

  it('receives the times of characters, complete and streamed', async () => {
    const { textToSpeech } = clientWith(KEY);
    const timed = await textToSpeech.convertWithTimestamps('clara', request);
    expect(timed.alignment?.characters.join('')).toBe(TEXT);
    let text = '';
    let bytes = 0;
    for await (const chunk of await textToSpeech.streamWithTimestamps('clara', request)) {
      text += chunk.alignment?.characters.join('') ?? '';
      bytes += Buffer.from(chunk.audioBase64, 'base64').length;
    }
    expect(text).toBe(TEXT);
    expect(bytes).toBeGreaterThan(500);
  });

  it('lists voices and models', async () => {
    const client = clientWith(KEY);
    expect((await client.voices.getAll()).voices.map(({ voiceId }) => voiceId)).toContain('clara');
    expect((await client.voices.search()).voices.map(({ voiceId }) => voiceId)).toContain('clara');
    expect((await client.models.list()).map(({ modelId }) => modelId)).toContain('tone-1');
  });

  it('parses our errors', async () => {
    const error = await clientWith('wrong')
      .textToSpeech.convert('clara', request)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(ElevenLabsError);
    expect(error).toMatchObject({ statusCode: 401, body: { detail: { code: 'invalid_api_key' } } });
  });

  it('reads a voice and its settings, and an account as not found', async () => {
    const client = clientWith(KEY);
    expect(await client.voices.get('clara')).toMatchObject({ voiceId: 'clara', name: 'Clara' });
    expect(await client.voices.settings.get('clara')).toMatchObject({ speed: 1 });
    const error = await client.user.subscription.get().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ElevenLabsError);
    expect(error).toMatchObject({ statusCode: 404, body: { detail: { code: 'not_found' } } });
  });
});

describe('Deepgram’s client, unchanged', () => {
  const clientWith = (apiKey: string) => {
    const base = server.url.origin;
    return new DeepgramClient({
      apiKey,
      environment: { base, production: base, agent: base, agentRest: base },
    });
  };

  it('speaks', async () => {
    const { audio } = clientWith(KEY).speak.v1;
    const wav = await audio.generate({
      text: TEXT,
      model: 'aura-2-thalia-en',
      encoding: 'linear16',
      container: 'wav',
    });
    expect(Buffer.from(await wav.arrayBuffer()).toString('latin1', 0, 4)).toBe('RIFF');
    const mulaw = await audio.generate({
      text: TEXT,
      encoding: 'mulaw',
      container: 'none',
      sample_rate: 8000,
    });
    expect((await mulaw.arrayBuffer()).byteLength).toBeGreaterThan(500);
  });

  it('parses our errors', async () => {
    const wrong = clientWith(KEY).speak.v1.audio.generate({ text: '' });
    await expect(wrong).rejects.toMatchObject({ statusCode: 400, body: { err_code: 'invalid_value' } });
  });

  it('speaks over its WebSocket', async () => {
    const connection = await clientWith(KEY).speak.v1.connect({
      model: 'clara',
      encoding: 'linear16',
      sample_rate: '16000',
      Authorization: `Token ${KEY}`,
      shouldReconnect: () => false,
    });
    const types: string[] = [];
    let samples = 0;
    const flushed = new Promise<void>((resolve) => {
      connection.on('message', (message) => {
        // Audio comes as a Blob, unlike in the client's types.
        const data: unknown = message;
        if (data instanceof Blob) {
          samples += data.size / 2;
          return;
        }
        if (typeof message === 'string') return;
        types.push(message.type);
        if (message.type === 'Flushed') resolve();
      });
    });
    connection.connect();
    await connection.waitForOpen();
    connection.sendText({ type: 'Speak', text: TEXT });
    connection.sendFlush({ type: 'Flush' });
    await flushed;
    connection.close();
    expect(types).toEqual(['Metadata', 'Flushed']);
    expect(samples).toBe(4800);
  });
});

it('ElevenLabs’ WebSocket, as documented', async () => {
  const address = new URL('/v1/text-to-speech/clara/stream-input?output_format=pcm_16000', server.url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address.href, { headers: { 'xi-api-key': KEY } });
  const told: { audio: string | null; isFinal: boolean | null }[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  await once(socket, 'open');
  for (const text of [' ', 'Your table ', 'is ready. ', '']) socket.send(JSON.stringify({ text }));
  await once(socket, 'close');
  const bytes = told.map(({ audio }) => Buffer.from(audio ?? '', 'base64').length);
  expect(bytes.reduce((sum, length) => sum + length)).toBe(9600);
  expect(told.at(-1)).toMatchObject({ isFinal: true });
});
