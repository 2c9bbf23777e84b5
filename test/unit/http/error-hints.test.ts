import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';

let app: ReturnType<typeof createApp>;
beforeAll(() => {
  app = createApp({ access: 'off', engine: toneEngine().engine, createEncoder });
});

/** Fields of an error in the shapes of all services. */
interface Fault {
  readonly code?: string;
  readonly param?: string;
  readonly message?: string;
  readonly err_msg?: string;
}

async function errorAt(path: string, body?: string, method = 'POST') {
  const response = await app.request(path, {
    method,
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  const answer = (await response.json()) as Fault & { error?: Fault; detail?: Fault };
  return { ...(answer.error ?? answer.detail ?? answer), httpStatus: response.status };
}

const speech = (body: string) => errorAt('/v1/audio/speech', body);

describe('a base address without /v1', () => {
  it.each([
    ['POST', '/audio/speech', 405, /Did you mean \/v1\/audio\/speech\?$/],
    ['GET', '/models', 404, /Did you mean \/v1\/models\?$/],
    ['GET', '/voices', 404, /Did you mean \/v1\/voices\?$/],
    ['GET', '/nothing', 404, /lists all paths\.$/],
    ['DELETE', '/v1/audio/speech', 405, /^This path answers [\w, ]+\.$/],
  ])('%s %s', async (method, path, status, message) => {
    const error = await errorAt(path, method === 'POST' ? '{}' : undefined, method);
    expect(error).toMatchObject({ httpStatus: status, message: expect.stringMatching(message) });
  });
});

describe('a body that is not JSON', () => {
  it.each([
    ['{"input": "Hello."', 'The body is not valid JSON in UTF-8: it ends too early.'],
    ['{"input": "Hello.",}', 'The body is not valid JSON in UTF-8: see character 20.'],
    ["{'input': 'Hello.'}", 'The body is not valid JSON in UTF-8: see character 2. JSON has double quotes.'],
    ['Hello.', 'The body is not valid JSON in UTF-8: see character 1.'],
    ['', 'The body is empty.'],
  ])('%s', async (body, message) => {
    expect(await speech(body)).toMatchObject({ httpStatus: 400, code: 'invalid_json', message });
  });
});

describe('the text', () => {
  it('is too long: its length, and where longer texts go', async () => {
    const { message } = await speech(JSON.stringify({ input: '말'.repeat(5000) }));
    expect(message).toMatch(
      /^input has 5000 characters, and a request takes 4096: a job \(POST \/v1\/jobs\)/,
    );
  });

  it('is in a field of another name: which fields are not known', async () => {
    const error = await speech(JSON.stringify({ text: 'Hello.', voice: 'clara', top_p: 1 }));
    expect(error).toMatchObject({ code: 'missing_required_parameter', param: 'input' });
    expect(error.message).toMatch(/^input is required: .* These fields are not known: text, top_p\.$/);
    expect((await speech('{}')).message).not.toContain('not known');
  });
});

describe('routes of other services name their own fields', () => {
  it.each([
    ['/v1/text-to-speech/clara', { text: '' }, 'text', /^text must be a string/],
    ['/v1/text-to-speech/clara', { text: 'a'.repeat(5000) }, 'text', /^text has 5000 characters/],
    ['/v1/text-to-speech/nobody', { text: 'Hello.' }, 'voice_id', /no voice "nobody"/],
    [
      '/v1/text-to-speech/clara?output_format=mp5',
      { text: 'Hello.' },
      'output_format',
      /^output_format must/,
    ],
    ['/v1/speak', { text: '' }, 'text', /^text must be a string/],
    ['/v1/speak?encoding=speex', { text: 'Hello.' }, 'encoding', /^encoding must be one of/],
    ['/dev/generate_from_phonemes', { phonemes: '' }, 'phonemes', /^phonemes must be a string/],
    [
      '/v1/vapi/speech',
      { message: { type: 'voice-request', text: '' } },
      'message.text',
      /^message\.text must/,
    ],
  ])('%s', async (path, body, param, message) => {
    const error = await errorAt(path, JSON.stringify(body));
    expect(error).toMatchObject({ httpStatus: 400, param });
    expect(error.message ?? error.err_msg).toMatch(message);
  });
});
