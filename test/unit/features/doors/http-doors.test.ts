import { describe, expect, it } from 'vitest';
import { accessApp } from '../../../support/apps/access-app.ts';

const TEXT = 'Hello there, you.';
const { app, makeKey, tone, lines } = await accessApp();
const { key } = await makeKey();

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const spoken = () => tone.requests[tone.requests.length - 1];

describe('ElevenLabs', () => {
  const xi = { 'xi-api-key': key };

  it('speaks, and lists fields without effect', async () => {
    const response = await post(
      '/v1/text-to-speech/clara?output_format=pcm_16000&optimize_streaming_latency=2',
      {
        text: TEXT,
        model_id: 'eleven_flash_v2_5',
        seed: 5,
        voice_settings: { speed: 1.2, stability: 0.5, style: null },
        previous_text: 'Hi.',
      },
      xi,
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('audio/pcm;rate=16000');
    expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
    expect((await response.arrayBuffer()).byteLength).toBe(3 * 2400 * 2 * (16 / 24));
    expect(spoken()).toMatchObject({
      model: 'tone-1',
      voice: { clara: 1 },
      speed: 1.2,
      seed: 5,
      input: TEXT,
    });
    expect(response.headers.get('x-sori-ignored')?.split(', ')).toEqual([
      'ignored_parameter;param="previous_text"',
      'ignored_parameter;param="model_id"',
      'ignored_parameter;param="voice_settings.stability"',
      'ignored_parameter;param="optimize_streaming_latency"',
    ]);
  });

  it('is stored like other speech, and counted for the key', async () => {
    const first = await post('/v1/text-to-speech/clara', { text: 'Stored.' }, xi);
    await first.arrayBuffer();
    const again = await post('/v1/text-to-speech/clara/stream', { text: 'Stored.' }, xi);
    expect(again.headers.get('x-cache')).toMatch(/^(?:hit|coalesced)$/);
    const ours = await post(
      '/v1/audio/speech',
      { model: 'tone-1', voice: 'clara', input: 'Stored.' },
      { Authorization: `Bearer ${key}` },
    );
    expect(ours.headers.get('content-location')).toBe(again.headers.get('content-location'));
    await again.arrayBuffer();
    await ours.arrayBuffer();
    expect(lines.some((line) => line.includes('"/v1/text-to-speech/{voice_id}"'))).toBe(true);
  });

  it('maps their voices to ours', async () => {
    await (await post('/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM', { text: 'One.' }, xi)).arrayBuffer();
    expect(spoken().voice).toEqual({ clara: 1 });
  });

  const timesOf = ({ alignment }: { alignment: Record<string, (string | number)[]> }) => {
    const starts = alignment.character_start_times_seconds as number[];
    const ends = alignment.character_end_times_seconds as number[];
    expect(starts.every((start, i) => start <= ends[i] && (i === 0 || start >= starts[i - 1]))).toBe(true);
    expect(starts).toHaveLength(alignment.characters.length);
    return alignment.characters.join('');
  };

  it('returns the times of characters', async () => {
    const response = await post('/v1/text-to-speech/clara/with-timestamps', { text: TEXT }, xi);
    const timed = (await response.json()) as { audio_base64: string; alignment: never };
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(timesOf(timed)).toBe(TEXT);
    expect(Buffer.from(timed.audio_base64, 'base64').length).toBeGreaterThan(500);
  });

  it('streams audio with the times of characters', async () => {
    const path = '/v1/text-to-speech/clara/stream/with-timestamps?output_format=pcm_24000';
    const text = await (await post(path, { text: TEXT }, xi)).text();
    const chunks = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(chunks.length).toBeGreaterThan(1);
    const audio = Buffer.concat(chunks.map(({ audio_base64 }) => Buffer.from(audio_base64, 'base64')));
    expect(audio.length).toBe(3 * 2400 * 2);
    const told = chunks.filter(({ alignment }) => alignment !== null).map(timesOf);
    expect(told.join('')).toBe(TEXT);
  });

  it('lists voices and models to its own clients only', async () => {
    const get = async (path: string, headers: Record<string, string>) =>
      (await app.request(path, { headers })).json() as Promise<never>;
    const ours = { Authorization: `Bearer ${key}` };
    expect(await get('/v1/voices', xi)).toMatchObject({ voices: [{ voice_id: 'clara' }, {}, {}] });
    expect(await get('/v2/voices', xi)).toMatchObject({ total_count: 3, has_more: false });
    expect(await get('/v1/models', xi)).toMatchObject([{ model_id: 'tone-1', can_do_text_to_speech: true }]);
    expect(await get('/v1/voices', ours)).toMatchObject({ object: 'list' });
    expect(await get('/v1/models', ours)).toMatchObject({ object: 'list' });
  });

  it('describes a voice and its settings', async () => {
    const get = (path: string) => app.request(path, { headers: xi });
    expect(await (await get('/v1/voices/clara')).json()).toMatchObject({ voice_id: 'clara', name: 'Clara' });
    // The id of one of their own voices, and one of OpenAI's names.
    for (const id of ['21m00Tcm4TlvDq8ikWAM', 'Nova'])
      expect(await (await get(`/v1/voices/${id}`)).json()).toMatchObject({ voice_id: 'clara' });
    expect(await (await get('/v1/voices/clara/settings')).json()).toEqual({ speed: 1 });
    const unknown = await get('/v1/voices/nobody');
    expect([unknown.status, await unknown.json()]).toMatchObject([
      404,
      { detail: { code: 'voice_not_found' } },
    ]);
  });

  it.each(['/v1/user', '/v1/user/subscription', '/v1/history', '/v1/audio/speech', '/v1/voices/clara/x'])(
    'what is not here is an error in their shape: %s',
    async (path) => {
      const response = await app.request(path, { headers: xi });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.json()).toMatchObject({
        detail: { code: expect.any(String), status: expect.any(String), message: expect.any(String) },
      });
    },
  );

  it.each([
    ['no key', {}, { text: TEXT }, 401, 'invalid_api_key'],
    ['no text', xi, {}, 400, 'missing_required_parameter'],
    ['settings that are no object', xi, { text: TEXT, voice_settings: 1 }, 400, 'invalid_type'],
    ['no JSON', xi, '{', 400, 'invalid_json'],
  ])('errors in their format: %s', async (_, headers, body, status, code) => {
    const response = await post('/v1/text-to-speech/clara', body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const id = response.headers.get('x-request-id');
    expect(await response.json()).toEqual({
      detail: {
        type: 'invalid_request_error',
        status: code,
        code,
        message: expect.any(String),
        param: code === 'invalid_api_key' || code === 'invalid_json' ? null : expect.any(String),
        request_id: id,
      },
    });
  });

  it('refuses an unknown voice with a list of the known ones', async () => {
    const response = await post('/v1/text-to-speech/nobody', { text: TEXT }, xi);
    expect(await response.json()).toMatchObject({
      detail: { code: 'unknown_voice', message: expect.stringContaining('clara') },
    });
  });
});

describe('Deepgram', () => {
  const token = { Authorization: `Token ${key}` };

  it.each([
    ['', 'audio/mpeg', undefined],
    ['?encoding=linear16', 'audio/wav', 24_000],
    ['?encoding=linear16&sample_rate=8000', 'audio/wav', 8000],
    ['?encoding=linear16&container=none&sample_rate=16000', 'audio/pcm;rate=16000', undefined],
    ['?encoding=mulaw&container=none', 'audio/basic', undefined],
    ['?encoding=mulaw&sample_rate=8000', 'audio/wav', 8000],
    ['?encoding=opus&container=ogg', 'audio/ogg; codecs=opus', undefined],
  ])('%s', async (query, type, rate) => {
    const response = await post(`/v1/speak${query}`, { text: TEXT }, token);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('dg-char-count')).toBe(String(TEXT.length));
    const bytes = Buffer.from(await response.arrayBuffer());
    if (rate !== undefined) expect(bytes.readUInt32LE(24)).toBe(rate);
  });

  it.each([
    ['aura-2-thalia-en', { clara: 1 }],
    ['aura-2-orion-en', { hazel: 1 }],
    ['cameron', { cameron: 1 }],
  ])('model %s', async (model, voice) => {
    await (await post(`/v1/speak?model=${model}`, { text: `I am ${model}.` }, token)).arrayBuffer();
    expect(spoken().voice).toEqual(voice);
  });

  it('reads plain text', async () => {
    const response = await post('/v1/speak', 'As it is.', { ...token, 'Content-Type': 'text/plain' });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    expect(spoken().input).toBe('As it is.');
  });

  it.each([
    ['', { url: 'https://a.test' }, token, 400, 'missing_required_parameter'],
    ['?encoding=speex', { text: TEXT }, token, 400, 'unsupported_format'],
    ['?encoding=mulaw&sample_rate=16000', { text: TEXT }, token, 400, 'unsupported_format'],
    ['?encoding=linear16&container=ogg', { text: TEXT }, token, 400, 'unsupported_format'],
    ['', { text: TEXT }, {}, 401, 'invalid_api_key'],
  ])('errors in their format: %s', async (query, body, headers, status, code) => {
    const response = await post(`/v1/speak${query}`, body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      err_code: code,
      err_msg: expect.any(String),
      request_id: response.headers.get('x-request-id'),
    });
  });
});

describe('Kokoro-FastAPI', () => {
  const bearer = { Authorization: `Bearer ${key}` };

  it('captioned speech, complete and in lines', async () => {
    const body = { model: 'kokoro', input: TEXT, voice: 'am_adam', lang_code: 'a', response_format: 'pcm' };
    const whole = (await (
      await post('/dev/captioned_speech', { ...body, stream: false }, bearer)
    ).json()) as never;
    expect(whole).toMatchObject({ audio_format: 'audio/pcm' });
    expect(spoken()).toMatchObject({ voice: { hazel: 1 }, language: 'en' });
    const text = await (await post('/dev/captioned_speech', body, bearer)).text();
    const chunks = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const audio = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk.audio, 'base64')));
    expect(audio.equals(Buffer.from((whole as { audio: string }).audio, 'base64'))).toBe(true);
    const words = chunks.flatMap(({ timestamps }) => timestamps);
    expect(words).toEqual((whole as { timestamps: unknown }).timestamps);
    expect(words.map(({ word }) => word).join(' ')).toMatch(/^Hello there,? you/);
  });

  it('speaks phonemes', async () => {
    const body = { phonemes: 'həlˈoʊ', voice: 'clara' };
    const response = await post('/dev/generate_from_phonemes', body, bearer);
    expect(response.headers.get('content-type')).toBe('audio/wav');
    await response.arrayBuffer();
    expect(spoken().input).toBe('[həlˈoʊ](/həlˈoʊ/)');
  });

  it('errors in their format', async () => {
    const response = await post('/dev/captioned_speech', { input: '' }, bearer);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: { error: 'invalid_value', param: 'input' } });
  });
});

describe('voice agents', () => {
  it('Vapi: samples at its rate, with its secret as the key', async () => {
    const message = { type: 'voice-request', text: TEXT, sampleRate: 8000, call: {} };
    const response = await post('/v1/vapi/speech?voice=cameron', { message }, { 'X-VAPI-SECRET': key });
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect((await response.arrayBuffer()).byteLength).toBe(4800);
    expect(spoken().voice).toEqual({ cameron: 1 });
    const wrong = await post('/v1/vapi/speech', { message: { type: 'end' } }, { 'X-VAPI-SECRET': key });
    expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_value', param: 'message.type' } });
  });

  it('jambonz: text or SSML, in any format', async () => {
    const body = { text: '<speak>Hello.</speak>', voice: 'Cameron', language: 'en-AU', type: 'ssml' };
    const response = await post('/v1/jambonz/speech?format=wav_8000', body, {
      Authorization: `Bearer ${key}`,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.readUInt32LE(24)).toBe(8000);
    expect(spoken()).toMatchObject({ voice: { cameron: 1 }, language: 'en-AU' });
  });
});

it('Open WebUI finds voices and models', async () => {
  const headers = { Authorization: `Bearer ${key}` };
  const models = await (await app.request('/v1/audio/models', { headers })).json();
  expect(models).toMatchObject({ models: [{ id: 'tone-1' }], data: [{ id: 'tone-1' }] });
  const voices = await (await app.request('/v1/audio/voices', { headers })).json();
  expect(voices).toMatchObject({ voices: [{ id: 'clara', name: 'Clara' }, {}, {}] });
});
