import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { MAX_BODY_BYTES } from '../../../src/http/bodies/json-body.ts';
import { type ErrorBody, errorSchema } from '../../../src/http/errors.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';

const GOOD = { model: 'tone-1', voice: 'clara', input: 'Hello.' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

let tone: ReturnType<typeof toneEngine>;
let app: ReturnType<typeof createApp>;

beforeEach(() => {
  tone = toneEngine();
  app = createApp({ access: 'off', engine: tone.engine, createEncoder });
});

const send = (body: BodyInit, headers: Record<string, string> = JSON_TYPE) =>
  app.request('/v1/audio/speech', { method: 'POST', headers, body, duplex: 'half' } as RequestInit);

async function errorOf(response: Response): Promise<ErrorBody['error']> {
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(response.headers.get('x-request-id')).toBeTruthy();
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  return errorSchema.strict().parse(await response.json()).error;
}

const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`w${i}`, 'ə']));

/** Fault, invalid fields, expected `code` and `param`, and the status if it is not 400. */
const BAD_FIELDS: [string, object, string, string | null, number?][] = [
  ['no input', { input: undefined }, 'missing_required_parameter', 'input'],
  ['an empty input', { input: '' }, 'invalid_value', 'input'],
  ['a null input', { input: null }, 'invalid_type', 'input'],
  ['a number as input', { input: 5 }, 'invalid_type', 'input'],
  ['a list as input', { input: ['Hello.'] }, 'invalid_type', 'input'],
  ['4097 characters', { input: 'a'.repeat(4097) }, 'string_above_max_length', 'input'],
  ['an unknown model', { model: 'tone-9' }, 'unknown_model', 'model', 404],
  ['a number as model', { model: 1 }, 'invalid_type', 'model'],
  ['a model named like a method', { model: 'toString' }, 'unknown_model', 'model', 404],
  ['an unknown voice', { voice: 'nobody' }, 'unknown_voice', 'voice'],
  ['an unknown voice object', { voice: { id: 'nobody' } }, 'unknown_voice', 'voice'],
  ['a voice named like a method', { voice: 'constructor' }, 'unknown_voice', 'voice'],
  ['a voice object without id', { voice: {} }, 'invalid_value', 'voice'],
  ['a number as voice', { voice: 1 }, 'invalid_type', 'voice'],
  ['a format of video', { response_format: 'video/mp4' }, 'unsupported_format', 'response_format'],
  ['an unknown format', { response_format: 'mp5' }, 'unsupported_format', 'response_format'],
  [
    'a rate that no format has',
    { response_format: 'pcm', sample_rate: 7000 },
    'invalid_value',
    'sample_rate',
  ],
  ['a rate as a word', { response_format: 'pcm', sample_rate: 'high' }, 'invalid_type', 'sample_rate'],
  [
    'G.711 at another rate',
    { response_format: 'ulaw', sample_rate: 16_000 },
    'unsupported_format',
    'sample_rate',
  ],
  ['a number as format', { response_format: 3 }, 'invalid_type', 'response_format'],
  ['an unknown language', { language: 'xx' }, 'unsupported_language', 'language'],
  ['no language tag', { language: '' }, 'invalid_value', 'language'],
  ['a number as language', { language: 1 }, 'invalid_type', 'language'],
  ['speed 0', { speed: 0 }, 'invalid_value', 'speed'],
  ['speed 5', { speed: 5 }, 'invalid_value', 'speed'],
  ['speed below the least', { speed: 0.2499 }, 'invalid_value', 'speed'],
  ['a word as speed', { speed: 'fast' }, 'invalid_type', 'speed'],
  ['"NaN" as speed', { speed: 'NaN' }, 'invalid_type', 'speed'],
  ['seed -1', { seed: -1 }, 'invalid_value', 'seed'],
  ['seed 2^32', { seed: 2 ** 32 }, 'invalid_value', 'seed'],
  ['half a seed', { seed: 0.5 }, 'invalid_value', 'seed'],
  ['33 steps', { refine_steps: 33 }, 'invalid_value', 'refine_steps'],
  ['half a step', { refine_steps: 1.5 }, 'invalid_value', 'refine_steps'],
  ['steps as a word', { refine_steps: 'few' }, 'invalid_type', 'refine_steps'],
  ['an unknown stream format', { stream_format: 'ws' }, 'invalid_value', 'stream_format'],
  ['a number as instructions', { instructions: 1 }, 'invalid_type', 'instructions'],
  ['a list of pronunciations', { pronunciations: ['a'] }, 'invalid_pronunciation', 'pronunciations'],
  ['a word as pronunciations', { pronunciations: 'a' }, 'invalid_type', 'pronunciations'],
  ['a number as pronunciation', { pronunciations: { a: 1 } }, 'invalid_pronunciation', 'pronunciations'],
  ['an empty pronunciation', { pronunciations: { a: '' } }, 'invalid_pronunciation', 'pronunciations'],
  ['a long word', { pronunciations: { ['a'.repeat(65)]: 'ə' } }, 'invalid_pronunciation', 'pronunciations'],
  [
    'a long pronunciation',
    { pronunciations: { a: 'ə'.repeat(129) } },
    'invalid_pronunciation',
    'pronunciations',
  ],
  ['101 pronunciations', { pronunciations: entries(101) }, 'invalid_pronunciation', 'pronunciations'],
];

describe('fields', () => {
  it.each(BAD_FIELDS)('%s', async (_, fields, code, param, status = 400) => {
    const response = await send(JSON.stringify({ ...GOOD, ...fields }));
    const error = await errorOf(response);
    expect({ status: response.status, ...error }).toEqual({
      status,
      type: 'invalid_request_error',
      code,
      param,
      message: expect.stringMatching(/\w+ .*\.$/),
    });
    expect(tone.count).toEqual({ spoken: 0, made: 0, ended: 0, aborted: 0 });
  });

  it('list the valid values', async () => {
    const message = async (fields: object) =>
      (await errorOf(await send(JSON.stringify({ ...GOOD, ...fields })))).message;
    expect(await message({ voice: 'nobody' })).toMatch(/clara, hazel/);
    expect(await message({ model: 'gpt' })).toMatch(/tone-1/);
    expect(await message({ language: 'ko' })).toMatch(/: en, en-AU\./);
    expect(await message({ response_format: 'mp5' })).toMatch(
      /mp3, opus, aac, m4a, flac, wav, pcm, mulaw, alaw/,
    );
    expect(await message({ speed: 9 })).toMatch(/0\.25 to 4/);
  });

  it.each(['   \n\t', '…?! --', '🫥'])(
    '%j: nothing to speak, told by the engine before it makes a sample',
    async (input) => {
      const response = await send(JSON.stringify({ ...GOOD, input }));
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ code: 'nothing_to_speak', param: 'input' });
      expect(tone.count).toMatchObject({ made: 0 });
    },
  );

  it.each([
    ['a lone surrogate', 'Hi \ud800 there.'],
    ['control characters', 'Hi \u0000\u0007 there.'],
    ['bidi characters', 'Hi \u202e\u2066 there.'],
    ['the greatest length', 'a'.repeat(4096)],
  ])('%s: spoken', async (_, input) => {
    const response = await send(JSON.stringify({ ...GOOD, input, response_format: 'pcm' }));
    expect(response.status).toBe(200);
    expect((await response.bytes()).length).toBeGreaterThan(0);
  });
});

describe('bodies', () => {
  it.each([
    ['empty', ''],
    ['cut off', '{"model":'],
    ['a bare NaN', '{"model":"tone-1","voice":"clara","input":"a","speed":NaN}'],
    ['a form', 'model=tone-1'],
    ['not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
  ])('%s: not JSON', async (_, body) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_json', param: null });
  });

  it.each(['[]', '"Hello."', 'null', '7'])('%s: no object', async (body) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_type', param: null });
  });

  it('a number beyond all floats is out of range', async () => {
    const response = await send('{"model":"tone-1","voice":"clara","input":"a","speed":1e999}');
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_value', param: 'speed' });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('Content-Type %j is refused', async (type) => {
    const response = await send(
      JSON.stringify(GOOD),
      type ? { 'Content-Type': type } : { 'Content-Type': ' ' },
    );
    expect(response.status).toBe(415);
    expect(await errorOf(response)).toMatchObject({ code: 'unsupported_media_type' });
    expect(tone.count.spoken).toBe(0);
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json'])(
    'Content-Type %j is read',
    async (type) => {
      expect((await send(JSON.stringify(GOOD), { 'Content-Type': type })).status).toBe(200);
    },
  );

  describe('over 64 KiB', () => {
    const padded = (bytes: number) => {
      const body = JSON.stringify({ ...GOOD, pad: '' });
      return JSON.stringify({ ...GOOD, pad: 'x'.repeat(bytes - body.length) });
    };
    /** Streams `body` in pieces and counts how many are read. */
    const stream = (body: string) => {
      const bytes = new TextEncoder().encode(body);
      const taken = { bytes: 0 };
      const readable = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const piece = bytes.slice(taken.bytes, taken.bytes + 1000);
            taken.bytes += piece.length;
            if (piece.length > 0) controller.enqueue(piece);
            else controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return { readable, taken };
    };

    it('with Content-Length: nothing is read', async () => {
      const { readable, taken } = stream(padded(MAX_BODY_BYTES + 1));
      const response = await send(readable, { ...JSON_TYPE, 'Content-Length': String(MAX_BODY_BYTES + 1) });
      expect(response.status).toBe(413);
      expect(await errorOf(response)).toMatchObject({ code: 'body_too_large' });
      expect(taken.bytes).toBeLessThanOrEqual(1000);
    });

    it.each([undefined, '10', 'many'])(
      'with Content-Length %s: read no further than the limit',
      async (length) => {
        const { readable, taken } = stream(padded(10 * MAX_BODY_BYTES));
        const response = await send(readable, { ...JSON_TYPE, ...(length && { 'Content-Length': length }) });
        expect(response.status).toBe(413);
        expect(await errorOf(response)).toMatchObject({ code: 'body_too_large' });
        expect(taken.bytes).toBeLessThan(MAX_BODY_BYTES + 3000);
        expect(tone.count.spoken).toBe(0);
      },
    );

    it('exactly 64 KiB are accepted', async () => {
      const { readable } = stream(padded(MAX_BODY_BYTES));
      expect((await send(readable)).status).toBe(200);
    });
  });
});

describe('routes', () => {
  it.each(['/nothing', '/v1', '/v1/audio/speech/', '/v1/models/a/b', '/V1/models'])(
    '%s: not found',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const response = await app.request(path, { method });
        expect(response.status).toBe(404);
        expect(await errorOf(response)).toMatchObject({ code: 'not_found', type: 'invalid_request_error' });
      }
    },
  );

  it.each([
    ['GET', '/v1/styles', 'POST, OPTIONS'],
    ['HEAD', '/v1/styles', 'POST, OPTIONS'],
    ['PUT', '/v1/audio/speech', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/v1/models', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v1/models/tone-1', 'GET, HEAD, OPTIONS'],
    ['PUT', '/v1/voices', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
  ])('%s %s: method not allowed', async (method, path, allow) => {
    const response = await app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    if (method === 'HEAD') expect(await response.text()).toBe('');
    else expect(await errorOf(response)).toMatchObject({ code: 'method_not_allowed' });
    expect(tone.count.spoken).toBe(0);
  });

  it('an unknown model is 404', async () => {
    const response = await app.request('/v1/models/nothing');
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'unknown_model', param: 'model' });
  });
});

describe('request ids', () => {
  it.each(['abc-123_=', 'a'.repeat(128)])('keeps %s', async (id) => {
    const response = await app.request('/nothing', { headers: { 'x-request-id': id } });
    expect(response.headers.get('x-request-id')).toBe(id);
  });

  it.each(['a b', '<script>', 'é', 'a'.repeat(129)])('replaces %s', async (id) => {
    const response = await app.request('/nothing', { headers: { 'x-request-id': id } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

it('client errors are not logged as errors', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  await send('{');
  expect(log).not.toHaveBeenCalled();
  log.mockRestore();
});
