import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { parseSigningKeys } from '../../../src/http/signed-url.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import type { ForwardOptions } from '../../../src/placement/origin-options.ts';
import { OriginPool } from '../../../src/placement/origin-pool.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { signRequest } from '../../../src/placement/signatures/origin-signature.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';
import { type Garbage, garbageServer } from '../../support/servers/garbage-server.ts';
import { ORIGIN_SECRETS, type OriginProcess, startOrigin } from '../../support/servers/origin-process.ts';

const PHRASE = { model: 'tone-1', voice: 'clara', input: 'Hello.', response_format: 'pcm' };
/** More than an isolate should do, and no more than it can. */
const HEAVY = { ...PHRASE, input: 'Hello there. '.repeat(100) };
/** More than an isolate can do. */
const HUGE = { ...PHRASE, input: 'Hello there. '.repeat(310), refine_steps: 32 };

let origin: OriginProcess;
let keys: ReadonlyMap<string, string>;

beforeAll(async () => {
  origin = await startOrigin();
  keys = parseSigningKeys(ORIGIN_SECRETS)!;
});
afterAll(async () => await origin?.[Symbol.asyncDispose]());

/** An edge in this process. */
function edgeOf(pool: OriginPool | undefined, options: Partial<Parameters<typeof createApp>[0]> = {}) {
  const tone = toneEngine();
  const lines: Record<string, unknown>[] = [];
  const app = createApp({
    access: 'off',
    engine: tone.engine,
    createEncoder,
    library: createAudioLibrary({ store: memoryStore(), createEncoder }),
    placement: { pool },
    log: (line) => lines.push(JSON.parse(line)),
    ...options,
  });
  const speak = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    app.request('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal,
    });
  return { app, tone, lines, speak };
}

const poolOf = (...urls: string[]) =>
  originsOf({ ORIGINS: urls.map((url) => `${url} 1`).join(','), ORIGIN_SECRETS })!;

const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

describe('an edge with an origin', () => {
  let edge: ReturnType<typeof edgeOf>;
  beforeEach(() => {
    edge = edgeOf(poolOf(origin.url));
  });

  it('synthesizes phrases itself', async () => {
    const response = await edge.speak(PHRASE);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sori-placed')).toBe('edge; reason=small');
    expect(edge.tone.count.spoken).toBe(1);
  });

  it('sends heavy speech to the origin, and forwards its audio', async () => {
    const response = await edge.speak(HEAVY, {
      'X-Request-Id': 'abc',
      'X-Forwarded-For': '1.2.3.4',
      Cookie: 'a=b',
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-sori-placed': 'origin; reason=cost',
      'content-type': 'audio/pcm',
      'x-sori-model': 'tone-1@1.2.3',
      'x-cache': 'miss',
      'x-request-id': 'abc',
      'access-control-allow-origin': '*',
      'content-length': String(400 * 2_400 * 2),
      'server-timing': expect.stringMatching(/origin;dur=\d/),
    });
    expect((await response.bytes()).length).toBe(400 * 2_400 * 2);
    expect(edge.tone.count.spoken).toBe(0);
    const { seen } = await origin.count();
    const asked = seen.findLast(({ method }) => method === 'POST')!;
    expect(asked).toMatchObject({ caller: 'local', headers: { 'x-request-id': 'abc' } });
    expect(Object.keys(asked.headers)).not.toContain('cookie');
    expect(Object.keys(asked.headers)).not.toContain('x-forwarded-for');
    await expect
      .poll(() => edge.lines.at(-1))
      .toMatchObject({ cache: 'miss', characters: 1300, status: 200 });
  });

  it('charges nothing for audio that the origin had stored', async () => {
    const body = { ...HEAVY, seed: 7 };
    await (await edge.speak(body)).bytes();
    const again = await edge.speak(body);
    await again.bytes();
    expect(again.headers.get('x-cache')).toMatch(/^(hit|coalesced)$/);
    await expect
      .poll(() => edge.lines.at(-1))
      .toMatchObject({ cache: expect.stringMatching(/hit|coalesced/), characters: 0 });
  });

  it('looks into its own library first', async () => {
    const body = { ...HEAVY, seed: 8 };
    await (await edge.speak(body, { 'X-Sori-Placement': 'edge' })).bytes();
    const again = await edge.speak(body);
    expect(again.headers.get('x-sori-placed')).toBe('edge; reason=kept');
    expect(again.headers.get('x-cache')).toMatch(/^(hit|coalesced)$/);
    // Edge and origin have the same build here, so they share their audio.
    const forced = await edge.speak(body, { 'X-Sori-Placement': 'origin' });
    expect(forced.headers.get('x-sori-placed')).toBe('edge; reason=kept');
    const anew = await edge.speak(body, { 'X-Sori-Placement': 'origin', 'Cache-Control': 'no-store' });
    expect(anew.headers.get('x-sori-placed')).toBe('origin; reason=forced');
    await anew.bytes();
  });

  it.each(['edge', 'origin'])('uses the %s when the request says so', async (where) => {
    const response = await edge.speak(PHRASE, { 'X-Sori-Placement': where });
    expect(response.headers.get('x-sori-placed')).toBe(`${where}; reason=forced`);
    await response.bytes();
    const other = await edge.speak(PHRASE, { 'X-Sori-Placement': 'moon' });
    expect([other.status, await codeOf(other)]).toEqual([400, 'invalid_value']);
  });

  it.each([
    ['sse', { stream_format: 'sse' }, 'text/event-stream'],
    ['json', { response_format: 'json', audio_format: 'pcm' }, 'application/json'],
    ['mp3', { response_format: 'mp3' }, 'audio/mpeg'],
  ])('forwards %s', async (_, fields, type) => {
    const response = await edge.speak({ ...HEAVY, ...fields });
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('x-sori-placed')).toContain('origin');
    expect((await response.bytes()).length).toBeGreaterThan(100_000);
  });

  it('returns the origin’s refusal to the client, and costs nothing', async () => {
    const response = await edge.speak({ ...PHRASE, input: '…?!' }, { 'X-Sori-Placement': 'origin' });
    expect([response.status, await codeOf(response)]).toEqual([400, 'nothing_to_speak']);
    await expect.poll(() => edge.lines.at(-1)).toMatchObject({ characters: 0, error: 'nothing_to_speak' });
  });

  it('stops synthesis at the origin when the client disconnects', async () => {
    const before = (await origin.count()).aborted;
    const leaving = new AbortController();
    const response = await edge.speak(
      { ...HEAVY, input: `${HEAVY.input} stops` },
      { 'Cache-Control': 'no-store' },
      leaving.signal,
    );
    const reader = response.body!.getReader();
    await reader.read();
    leaving.abort();
    await expect(reader.read()).rejects.toThrow();
    await expect.poll(async () => (await origin.count()).aborted, { timeout: 20_000 }).toBe(before + 1);
  });

  it('stops synthesis at the origin when the client cancels', async () => {
    const before = (await origin.count()).aborted;
    const response = await edge.speak(
      { ...HEAVY, input: `${HEAVY.input} stops` },
      { 'Cache-Control': 'no-store' },
    );
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(async () => (await origin.count()).aborted, { timeout: 20_000 }).toBe(before + 1);
  });

  it('slows the origin down when its reader is slow', async () => {
    await using long = await startOrigin({ ORIGIN_CHUNKS: '20000' });
    const response = await edgeOf(poolOf(long.url)).speak(HEAVY, { 'Cache-Control': 'no-store' });
    const reader = response.body!.getReader();
    await reader.read();
    // The origin stops when the buffers of the sockets are full.
    let last = -1;
    const rests = async () => {
      const before = last;
      last = (await long.count()).made;
      return last === before;
    };
    await expect.poll(rests, { timeout: 30_000, interval: 200 }).toBe(true);
    expect(last).toBeLessThan(10_000);
    await reader.cancel();
    await expect.poll(async () => (await long.count()).ended, { timeout: 20_000 }).toBe(1);
  });
});

describe('an origin that fails', () => {
  it('killed during a stream: the answer breaks off, and light work is done at the edge from then on', async () => {
    await using doomed = await startOrigin();
    const faults: unknown[] = [];
    const pool = new OriginPool({
      origins: [{ url: doomed.url, weight: 1 }],
      sign: (request) => signRequest(keys, request),
      onFault: (_, error) => faults.push(error),
    });
    const edge = edgeOf(pool);
    const response = await edge.speak({ ...HEAVY, input: `${HEAVY.input} stops` });
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=cost');
    const reader = response.body!.getReader();
    expect((await reader.read()).value!.length).toBeGreaterThan(0);
    await doomed.kill();
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
    expect(faults).toMatchObject([{ code: 'origin_failed' }]);
    // Audio that was not delivered is not charged.
    await expect.poll(() => edge.lines.at(-1)).toMatchObject({ characters: 0 });
    const next = await edge.speak(HEAVY);
    expect(next.headers.get('x-sori-placed')).toBe('edge; reason=origin-down');
    expect((await next.bytes()).length).toBe(3 * 2_400 * 2);
  });

  it('down: light work is done at the edge, the rest is refused unless fewer steps are enough', async () => {
    const edge = edgeOf(poolOf('http://127.0.0.1:9'));
    const fits = await edge.speak(HEAVY);
    expect([fits.status, fits.headers.get('x-sori-placed')]).toEqual([200, 'edge; reason=origin-down']);
    const refused = await edge.speak(HUGE);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await codeOf(refused)).toBe('origin_unavailable');
    const fewer = await edge.speak({ ...HUGE, degrade: true });
    expect(fewer.status).toBe(200);
    expect(fewer.headers.get('x-sori-placed')).toMatch(
      /^edge; reason=degraded; refine_steps=\d+; diffusion_steps=0$/,
    );
    expect(edge.tone.requests.at(-1)!.refineSteps).toBeLessThan(HUGE.refine_steps);
    const forced = await edge.speak({ ...PHRASE, degrade: true }, { 'X-Sori-Placement': 'origin' });
    expect([forced.status, await codeOf(forced)]).toEqual([503, 'origin_unavailable']);
  });

  it('without an origin: light work is done at the edge, the rest is 501', async () => {
    const edge = edgeOf(undefined);
    const fits = await edge.speak(HEAVY);
    expect(fits.headers.get('x-sori-placed')).toBe('edge; reason=no-origin');
    const refused = await edge.speak(HUGE);
    expect([refused.status, await codeOf(refused)]).toEqual([501, 'origin_required']);
    expect(edge.tone.count.spoken).toBe(1);
    const forced = await edge.speak(PHRASE, { 'X-Sori-Placement': 'origin' });
    expect([forced.status, await codeOf(forced)]).toEqual([501, 'origin_required']);
  });

  it('slow: another origin is used, or the edge', async () => {
    const pool = poolOf(origin.url);
    const forward = pool.forward.bind(pool);
    pool.forward = (request: Request, options: ForwardOptions) =>
      forward(request, { ...options, answerMs: 300 });
    const edge = edgeOf(pool);
    const response = await edge.speak({ ...HEAVY, input: `${HEAVY.input} silence` });
    expect(response.headers.get('x-sori-placed')).toBe('edge; reason=origin-down');
    const huge = await edge.speak({ ...HUGE, input: `${HUGE.input} silence` });
    expect([huge.status, await codeOf(huge)]).toEqual([503, 'origin_unavailable']);
  });

  it.each<[Garbage, number, string]>([
    ['page', 502, 'origin_failed'],
    ['stranger', 502, 'origin_failed'],
    ['type', 502, 'origin_failed'],
    ['empty', 502, 'origin_failed'],
    ['redirect', 502, 'origin_failed'],
    ['error', 502, 'origin_failed'],
    ['gateway', 503, 'origin_unavailable'],
  ])(
    'answers nonsense (%s): %i %s, and is not used any more after three times',
    async (mode, status, code) => {
      await using broken = await garbageServer(mode);
      const pool = poolOf(broken.url);
      const edge = edgeOf(pool);
      const speak = () => edge.speak({ ...HUGE, response_format: 'mp3' });
      for (let time = 0; time < 3; time++) {
        expect(pool.up).toBe(true);
        const response = await speak();
        expect([response.status, await codeOf(response)]).toEqual([status, code]);
      }
      expect(pool.states()).toMatchObject([{ state: 'open' }]);
      const response = await speak();
      expect([response.status, await codeOf(response)]).toEqual([503, 'origin_unavailable']);
    },
  );

  it('an answer shorter than its Content-Length is aborted, and counts as a failure', async () => {
    await using broken = await garbageServer('short');
    const pool = poolOf(broken.url);
    const edge = edgeOf(pool);
    for (let time = 0; time < 3; time++) {
      const response = await edge.speak({ ...HUGE, response_format: 'mp3' });
      await expect(response.bytes()).rejects.toThrow();
    }
    expect(pool.up).toBe(false);
  });

  it('is replaced by one that works', async () => {
    const edge = edgeOf(poolOf('http://127.0.0.1:9', origin.url));
    for (let time = 0; time < 6; time++) {
      const response = await edge.speak({ ...HUGE, input: 'Hello there. '.repeat(300 + time) });
      expect(response.headers.get('x-sori-placed')).toBe('origin; reason=cost');
      await response.body!.cancel();
    }
  });
});

describe('an origin with secrets', () => {
  const target = '/v1/audio/speech';
  const body = new TextEncoder().encode(JSON.stringify(PHRASE));
  const ask = (headers: Record<string, string>, sent: Uint8Array = body, path = target, method = 'POST') =>
    fetch(origin.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: method === 'GET' ? undefined : Uint8Array.from(sent),
    });
  const sign = (now = Date.now(), secrets = keys) =>
    signRequest(secrets, { method: 'POST', target, caller: 'key_1', body, now });

  it('accepts a signed request once', async () => {
    const signed = await sign();
    const first = await ask(signed);
    expect(first.status).toBe(200);
    expect(first.headers.get('x-sori-placed')).toBe('origin; reason=only');
    await first.body?.cancel();
    const replayed = await ask(signed);
    expect(replayed.status).toBe(403);
    expect(replayed.headers.get('x-sori-refused')).toBe('invalid_signature');
  });

  it.each<[string, () => Promise<Response>, string]>([
    ['nothing', () => ask({}), 'invalid_signature'],
    ['an API key', () => ask({ Authorization: 'Bearer sori_x' }), 'invalid_signature'],
    ['a slow clock', async () => ask(await sign(Date.now() - 90_000)), 'expired_signature'],
    ['a fast clock', async () => ask(await sign(Date.now() + 90_000)), 'expired_signature'],
    [
      'another secret',
      async () => ask(await sign(Date.now(), new Map([['k1', 'x'.repeat(32)]]))),
      'invalid_signature',
    ],
    ['another body', async () => ask(await sign(), new TextEncoder().encode('{}')), 'invalid_signature'],
    ['another path', async () => ask(await sign(), body, '/v1/styles'), 'invalid_signature'],
    ['another query', async () => ask(await sign(), body, `${target}?a=1`), 'invalid_signature'],
    ['another method', async () => ask(await sign(), body, target, 'PUT'), 'invalid_signature'],
    ['a page', () => ask({}, body, '/', 'GET'), 'invalid_signature'],
    ['metrics', () => ask({}, body, '/metrics', 'GET'), 'invalid_signature'],
    ['a path that there is not', () => ask({}, body, '/nothing', 'GET'), 'invalid_signature'],
  ])('refuses %s', async (_, asked, code) => {
    const response = await asked();
    expect([response.status, await codeOf(response)]).toEqual([403, code]);
    expect(response.headers.get('x-sori-refused')).toBe(code);
  });

  it('reports its health without a signature', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(origin.url + path)).status).toBe(200);
  });

  it.each([
    ['the wrong secret', { ORIGIN_SECRETS: 'k1:quite-another-secret-than-the-others' }, Date.now],
    ['a clock that is wrong', { ORIGIN_SECRETS }, () => Date.now() - 600_000],
  ])('an edge with %s behaves like one without an origin', async (_, secrets, now) => {
    const pool = new OriginPool({
      origins: [{ url: origin.url, weight: 1 }],
      sign: (request) => signRequest(parseSigningKeys(secrets.ORIGIN_SECRETS)!, { ...request, now: now() }),
    });
    const edge = edgeOf(pool);
    const fits = await edge.speak(HEAVY);
    expect(fits.headers.get('x-sori-placed')).toBe('edge; reason=origin-down');
    const refused = await edge.speak(HUGE);
    // Not 403: the client has signed nothing.
    expect([refused.status, await codeOf(refused)]).toEqual([503, 'origin_unavailable']);
  });
});
