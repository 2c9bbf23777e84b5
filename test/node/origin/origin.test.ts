import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODELS_FOLDER } from '../../../scripts/lib/node-engine.ts';
import golden from '../../golden/speech.json' with { type: 'json' };
import { hashSpeech } from '../../support/golden-speech.ts';
import { tinyModel } from '../../support/models/model-files.ts';
import {
  ORIGIN_ADMIN_KEY,
  ORIGIN_SCRIPT,
  type RunningOrigin,
  runOrigin,
} from '../../support/servers/running-origin.ts';
import { ProcessEnded } from '../../support/servers/running-process.ts';
import { serverFolder } from '../../support/servers/running-server.ts';
import { s3Server } from '../../support/servers/s3-server.ts';

let folder: Awaited<ReturnType<typeof serverFolder>>;
beforeAll(async () => {
  folder = await serverFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

const HEADERS = { Authorization: `Bearer ${ORIGIN_ADMIN_KEY}`, 'Content-Type': 'application/json' };
const SPEECH = { model: 'sori-2', voice: 'clara', input: 'Your table is ready.' };

const send = (origin: RunningOrigin, method: string, path: string, body?: object, headers = {}) =>
  fetch(new URL(path, origin.url), {
    method,
    headers: { ...HEADERS, ...headers },
    body: body && JSON.stringify(body),
  });
const speak = (origin: RunningOrigin, fields: object = {}, headers = {}) =>
  send(origin, 'POST', '/v1/audio/speech', { ...SPEECH, ...fields }, headers);

/** A request for speech of which the server has the head, and waits for the body. */
async function begin(origin: RunningOrigin): Promise<{ request: ClientRequest; finish(): Promise<number> }> {
  const request = httpRequest(new URL('/v1/audio/speech', origin.url).href, {
    method: 'POST',
    headers: { ...HEADERS, Expect: '100-continue' },
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => {});
  request.flushHeaders();
  await once(request, 'continue');
  return {
    request,
    async finish() {
      request.end(JSON.stringify(SPEECH));
      const [response] = await answered;
      await text(response);
      return response.statusCode ?? 0;
    },
  };
}

const readyStatus = async (origin: RunningOrigin) => (await fetch(new URL('/readyz', origin.url))).status;

describe('an origin that receives SIGTERM', () => {
  it('stops being ready, refuses new requests, finishes running ones, and exits with 0', async () => {
    await using origin = await runOrigin(folder.path);
    const { finish } = await begin(origin);
    const ended = origin.stop('SIGTERM');
    await expect.poll(() => readyStatus(origin)).toBe(503);
    const refused = await speak(origin);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(refused.headers.get('connection')).toBe('close');
    expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
    expect((await fetch(new URL('/healthz', origin.url))).status).toBe(200);
    expect(await finish()).toBe(200);
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  it('exits at once at a second signal', async () => {
    await using origin = await runOrigin(folder.path);
    const { request } = await begin(origin);
    request.on('error', () => {});
    origin.child.kill('SIGTERM');
    await expect.poll(() => readyStatus(origin)).toBe(503);
    expect(await origin.stop('SIGTERM')).toEqual({ code: 1, signal: null });
  });

  it('exits after a time limit', async () => {
    await using origin = await runOrigin(folder.path, { DRAIN_TIMEOUT: '0' });
    const { request } = await begin(origin);
    request.on('error', () => {});
    expect(await origin.stop()).toEqual({ code: 1, signal: null });
    expect(origin.output()).toContain('Ended after 0 s; requests under way: 1.');
  });
});

describe('the execution provider', () => {
  it('is the first that works; readiness and metrics report it, and why others were refused', async () => {
    await using origin = await runOrigin(folder.path, {
      SORI_EP: 'cuda,cpu',
      SHARDS: MODELS_FOLDER,
      STATE_DIR: join(folder.path, 'native'),
    });
    const ready = (await (await fetch(new URL('/readyz', origin.url))).json()) as { models: object[] };
    const [model] = ready.models as { backend: string; refused?: { provider: string; reason: string }[] }[];
    const metrics = await (await send(origin, 'GET', '/metrics')).text();
    expect(metrics).toContain(`sori_inference_backend_info{backend="${model.backend}"} 1`);
    // Its keys differ from those of the Worker's runtime, because its rounding does.
    const [{ body, key }] = golden.speech;
    const spoken = await speak(origin, body);
    expect([spoken.status, spoken.headers.get('content-location')]).toEqual([
      200,
      expect.stringMatching(/^\/audio\/[0-9a-f]{64}\./),
    ]);
    expect(spoken.headers.get('content-location')).not.toContain(key);
    // On a machine with a GPU nothing is refused.
    if (model.backend === 'native-cuda') return;
    expect(model).toMatchObject({
      backend: 'native-cpu',
      refused: [{ provider: 'cuda', reason: expect.any(String) }],
    });
    expect(metrics).toMatch(/^sori_inference_provider_refused_info\{provider="cuda",reason=".+"\} 1$/m);
    expect(origin.output()).toMatch(/^Not cuda: .+$/m);
  });

  it('wasm: the same bytes and keys as workerd', async () => {
    await using origin = await runOrigin(folder.path, {
      SORI_EP: 'wasm',
      SHARDS: MODELS_FOLDER,
      STATE_DIR: join(folder.path, 'golden'),
      AUTH: 'off',
    });
    const request = (path: string, init: RequestInit) => fetch(new URL(path, origin.url), init);
    for (const speech of golden.speech) expect(await hashSpeech(request, speech.body)).toEqual(speech);
  });
});

it('exits at once at Ctrl-C when no request is running, and keeps prompts, keys and audio', async () => {
  const state = { STATE_DIR: join(folder.path, 'kept') };
  let location: string;
  let key: string;
  {
    // From its source, as users start it.
    await using origin = await runOrigin(folder.path, state, [], ORIGIN_SCRIPT);
    expect(origin.output()).toContain('Brought the database up to date: 0001_');
    expect(
      (await send(origin, 'PUT', '/v1/prompts/menu', { input: 'Press one.', voice: 'clara' })).status,
    ).toBe(201);
    const made = await send(origin, 'POST', '/v1/keys', { name: 'kept', scopes: ['speech'] });
    ({ key } = (await made.json()) as { key: string });
    const spoken = await speak(origin);
    await spoken.arrayBuffer();
    location = spoken.headers.get('content-location') ?? '';
    expect(await origin.stop('SIGINT')).toEqual({ code: 0, signal: null });
  }
  await using origin = await runOrigin(folder.path, state);
  expect(origin.output()).not.toMatch(/Brought|API keys are required/);
  expect((await fetch(new URL('/prompts/menu.mp3', origin.url))).status).toBe(200);
  expect((await fetch(new URL(location, origin.url))).status).toBe(200);
  const again = await speak(origin, {}, { Authorization: `Bearer ${key}` });
  expect([again.status, again.headers.get('x-cache')]).toEqual([200, 'hit']);
});

it('stores audio in a bucket and reads models from it; another origin finds both there', async () => {
  await using s3 = await s3Server();
  for (const [name, bytes] of await tinyModel('sori-2', 1))
    await s3.put('sori', `shards/sori-2/${name}`, bytes);
  const bucket = {
    S3_BUCKET: 'sori',
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    SHARDS: 'bucket',
  };
  await using one = await runOrigin(folder.path, { ...bucket, STATE_DIR: join(folder.path, 'one') });
  await using two = await runOrigin(folder.path, { ...bucket, STATE_DIR: join(folder.path, 'two') });
  const made = await speak(one);
  expect([made.status, made.headers.get('x-cache')]).toEqual([200, 'miss']);
  const bytes = await made.bytes();
  // What is stored is stored by the time that the process has ended.
  expect((await one.stop()).code).toBe(0);
  expect(s3.log).toContain('PUT 200');
  const found = await speak(two);
  expect([found.status, found.headers.get('x-cache')]).toEqual([200, 'hit']);
  expect(Buffer.from(await found.bytes()).equals(bytes)).toBe(true);
});

it('refuses requests over the limit, until a client that does not read has disconnected', async () => {
  await using origin = await runOrigin(folder.path, { MAX_REQUESTS: '1' });
  const slow = {
    input: 'Your table is ready. '.repeat(190),
    speed: 0.25,
    response_format: 'pcm',
    stream_format: 'audio',
  };
  const none = { 'Cache-Control': 'no-store' };
  const client = new AbortController();
  const first = await fetch(new URL('/v1/audio/speech', origin.url), {
    method: 'POST',
    headers: { ...HEADERS, ...none },
    body: JSON.stringify({ ...SPEECH, ...slow }),
    signal: client.signal,
  });
  expect(first.status).toBe(200);
  const refused = await speak(origin, { seed: 1 }, none);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
  client.abort();
  await expect
    .poll(async () => (await speak(origin, { seed: 1 }, none)).status, { timeout: 20_000 })
    .toBe(200);
});

it('gives up on a request whose body does not arrive', async () => {
  await using origin = await runOrigin(folder.path, { REQUEST_TIMEOUT: '1' });
  const { request } = await begin(origin);
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
  expect(await text(response)).toContain('deadline_exceeded');
  request.destroy();
  expect((await speak(origin)).status).toBe(200);
});

describe('access to an origin', () => {
  it('needs no key on a loopback address, and only for its host names', async () => {
    await expect(runOrigin(folder.path, { AUTH: 'off', HOST: '0.0.0.0' })).rejects.toThrow(
      'a loopback address only',
    );
    await using origin = await runOrigin(folder.path, { AUTH: 'off' });
    const voices = new URL('/v1/voices', origin.url);
    expect((await fetch(voices)).status).toBe(200);
    const foreign = httpRequest(voices.href, { headers: { Host: 'evil.example' } });
    foreign.end();
    const [response] = (await once(foreign, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(501);
  });

  it('with ORIGIN_SECRETS refuses every request without a signature', async () => {
    await using origin = await runOrigin(folder.path, { ORIGIN_SECRETS: `k1:${'s'.repeat(40)}` });
    expect((await speak(origin)).status).toBeGreaterThanOrEqual(400);
    expect(await readyStatus(origin)).toBe(200);
    expect((await fetch(new URL('/metrics', origin.url))).status).toBeGreaterThanOrEqual(400);
    await using open = await runOrigin(folder.path, {
      ORIGIN_SECRETS: `k1:${'s'.repeat(40)}`,
      OPEN_METRICS: 'on',
    });
    expect((await fetch(new URL('/metrics', open.url))).status).toBe(200);
    expect((await fetch(new URL('/v1/models', open.url))).status).toBeGreaterThanOrEqual(400);
  });
});

describe('at the start', () => {
  const failure = async (env: Record<string, string>, args: string[] = []) => {
    const error = await runOrigin(folder.path, env, args).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ProcessEnded);
    return error as ProcessEnded;
  };

  it('prints help', async () => {
    const { code, message } = await failure({}, ['--help']);
    expect(code).toBe(0);
    expect(message).toMatch(/SORI_EP[\s\S]*default: cuda,webgpu,cpu/);
    expect((await failure({}, ['--port'])).message).toBe('Unknown argument --port. See --help.\n');
  });

  it('prints how to get API keys while none exist', async () => {
    await using closed = await runOrigin(folder.path, { ADMIN_KEY_SHA256: '' });
    await expect.poll(() => closed.output()).toContain('API keys are required.');
  });

  it('reports a wrong setting in one line', async () => {
    expect(await failure({ PORT: 'x' })).toMatchObject({
      code: 1,
      message: 'PORT must be a whole number.\n',
    });
    const nowhere = await failure({ STATE_DIR: '/dev/null/state' });
    expect(nowhere).toMatchObject({
      code: 1,
      message: expect.stringMatching(/^STATE_DIR .* cannot be used/),
    });
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect((await failure({ PORT: String(port) })).message).toContain('EADDRINUSE');
    other.close();
  });
});
