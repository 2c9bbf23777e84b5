import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { userPath } from '../../../../scripts/lib/user-path.ts';
import { type ClientOptions, SoriClient } from '../../../../scripts/sori/client.ts';
import { ConnectionError, RequestError } from '../../../../scripts/sori/failures.ts';
import { count, day, duration, rate, scopes, setting } from '../../../../scripts/sori/flags.ts';
import { table, when } from '../../../../scripts/sori/output.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  vi.unstubAllEnvs();
});

/** A server that gives these answers in order and then repeats the last one, and a client of it that does not wait between attempts. */
async function serve(answers: readonly Answer[], options: Partial<ClientOptions> = {}) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    answers[Math.min(requests.length, answers.length) - 1](request, response, body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const waits: number[] = [];
  const { port } = server.address() as AddressInfo;
  const client = new SoriClient({
    url: new URL(`http://127.0.0.1:${port}`),
    wait: async (ms) => void waits.push(ms),
    ...options,
  });
  return { client, requests, waits, server };
}

const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
const refusal = (code: string, status: number, headers: Record<string, string> = {}) =>
  json({ error: { message: `It is ${code}.`, type: 'requests', param: 'voice', code } }, status, headers);
const cut: Answer = (request) => void request.socket.destroy();

describe('the client', () => {
  it('sends key, query and body, and parses JSON', async () => {
    const { client, requests } = await serve([json({ id: 1 })], { apiKey: 'sori_x' });
    const query = { limit: 2, after: 'a&b', none: undefined };
    expect(await client.json('POST', '/v1/keys', { query, body: { name: 'é' } })).toEqual({ id: 1 });
    const [{ method, url, headers, body }] = requests;
    expect([method, url, body]).toEqual(['POST', '/v1/keys?limit=2&after=a%26b', '{"name":"é"}']);
    expect(headers).toMatchObject({ authorization: 'Bearer sori_x', 'content-type': 'application/json' });
  });

  it('sends no key and no body where there is none', async () => {
    const { client, requests } = await serve([json({})]);
    await client.json('GET', '/v1/models');
    expect(Object.keys(requests[0].headers)).not.toEqual(expect.arrayContaining(['authorization']));
    expect(requests[0].headers['content-type']).toBeUndefined();
  });

  it('keeps the path of the server’s address', () => {
    for (const base of ['https://x.example/tts', 'https://x.example/tts/']) {
      const client = new SoriClient({ url: new URL(base) });
      expect(client.address('/v1/keys?a=1', { b: 2 }).href).toBe('https://x.example/tts/v1/keys?a=1&b=2');
    }
  });

  it('reads files, and accepts further statuses on request', async () => {
    const { client } = await serve([
      (_, response) => response.end(Buffer.of(1, 2, 3)),
      refusal('precondition_failed', 412),
    ]);
    expect([...(await client.bytes('GET', '/audio/x.mp3'))]).toEqual([1, 2, 3]);
    expect((await client.request('PUT', '/v1/prompts/a', { body: {}, accept: [412] })).status).toBe(412);
  });

  it('reports the server’s error with the request id', async () => {
    const { client, requests } = await serve([refusal('unknown_voice', 400, { 'x-request-id': 'r-1' })]);
    const error = await client.json('POST', '/v1/audio/speech', { body: {} }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ status: 400, code: 'unknown_voice', param: 'voice', requestId: 'r-1' });
    expect((error as Error).message).toBe('It is unknown_voice. (400 unknown_voice, request r-1)');
    expect(requests.length).toBe(1);
  });

  it('quotes the beginning of an answer that is not from Sori', async () => {
    const { client } = await serve([(_, response) => response.writeHead(502).end('<h1>Bad\n gateway</h1>')]);
    await expect(client.json('GET', '/v1/keys')).rejects.toThrow(
      'GET /v1/keys was answered 502: <h1>Bad gateway</h1>',
    );
  });

  it.each(['GET', 'POST'] as const)(
    'tries %s again when the server says later, as it says',
    async (method) => {
      const told: string[] = [];
      const { client, requests, waits } = await serve(
        [
          refusal('rate_limit_exceeded', 429, { 'Retry-After': '7' }),
          refusal('overloaded', 503),
          json('done'),
        ],
        { onRetry: (reason) => told.push(reason) },
      );
      expect(await client.json(method, '/v1/x')).toBe('done');
      expect(requests.length).toBe(3);
      expect(waits[0]).toBe(7000);
      expect(waits[1]).toBeGreaterThanOrEqual(1000);
      expect(waits[1]).toBeLessThanOrEqual(1250);
      expect(told).toEqual([
        'It is rate_limit_exceeded. (429 rate_limit_exceeded)',
        'It is overloaded. (503 overloaded)',
      ]);
    },
  );

  it('parses a date in Retry-After', async () => {
    const later = new Date(Date.now() + 30_000).toUTCString();
    const { client, waits } = await serve([
      refusal('overloaded', 503, { 'Retry-After': later }),
      json('done'),
    ]);
    await client.json('GET', '/v1/x');
    expect(waits[0]).toBeGreaterThan(25_000);
    expect(waits[0]).toBeLessThanOrEqual(30_000);
  });

  it('waits longer each time, and gives up in the end', async () => {
    const { client, requests, waits } = await serve([refusal('overloaded', 503)]);
    await expect(client.json('GET', '/v1/x')).rejects.toMatchObject({ code: 'overloaded' });
    expect(requests.length).toBe(6);
    for (const [at, least] of [500, 1000, 2000, 4000, 8000].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(least);
      expect(waits[at]).toBeLessThanOrEqual(least * 1.25);
    }
  });

  it('retries as long as the server makes progress', async () => {
    const at = (progress: string) => refusal('more_to_bake', 503, { 'X-Sori-Baked': progress });
    const steps = Array.from({ length: 20 }, (_, n) => at(`${n}/20`));
    const { client, requests, waits } = await serve([...steps, json('done')]);
    expect(await client.json('PUT', '/v1/x')).toBe('done');
    expect(requests.length).toBe(21);
    expect(Math.max(...waits)).toBeLessThanOrEqual(625);
    const stuck = await serve([at('1/20'), refusal('overloaded', 503), at('1/20')]);
    await expect(stuck.client.json('PUT', '/v1/x')).rejects.toMatchObject({ code: 'more_to_bake' });
    expect(stuck.requests.length).toBe(6);
  });

  it.each([
    ['the month is used up', refusal('insufficient_quota', 429, { 'x-should-retry': 'false' })],
    ['it would take too long', refusal('rate_limit_exceeded', 429, { 'Retry-After': '86400' })],
    ['the server is broken', refusal('internal_error', 500)],
    ['the key is wrong', refusal('invalid_api_key', 401)],
  ])('does not retry when %s', async (_, answer) => {
    const { client, requests } = await serve([answer]);
    await expect(client.json('GET', '/v1/x')).rejects.toBeInstanceOf(RequestError);
    expect(requests.length).toBe(1);
  });

  it('retries when the connection breaks, but not requests that may have taken effect', async () => {
    const { client, requests } = await serve([json(1), cut, json(2), cut, json(3)]);
    expect(await client.json('GET', '/v1/x')).toBe(1);
    expect(await client.json('PUT', '/v1/x')).toBe(2);
    await expect(client.json('POST', '/v1/keys')).rejects.toBeInstanceOf(ConnectionError);
    expect(requests.length).toBe(4);
  });

  it('reports a missing server at once, with its address', async () => {
    const { client, server, waits } = await serve([json(1)]);
    await new Promise((done) => server.close(done));
    await expect(client.json('GET', '/v1/x')).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED.*--url \(or SORI_URL\)/,
    );
    expect(waits).toEqual([]);
  });

  it('gives up on a server that does not answer in time', async () => {
    const { client, requests } = await serve([() => {}], { timeoutMs: 50 });
    const error = await client.json('GET', '/v1/x').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toMatch(/no answer within 0\.05 s/);
    expect(requests.length).toBe(1);
  });

  it('gives up on a body that does not end in time', async () => {
    const { client } = await serve([(_, response) => void response.writeHead(200).write('{')], {
      timeoutMs: 50,
    });
    await expect(client.json('GET', '/v1/x')).rejects.toThrow(/no answer within 0\.05 s/);
  });

  it('stops when its signal aborts, during a request and a wait', async () => {
    const first = new AbortController();
    const slow = await serve([() => first.abort()], { signal: first.signal });
    await expect(slow.client.json('GET', '/v1/x')).rejects.toMatchObject({ name: 'AbortError' });

    const second = new AbortController();
    const busy = await serve([refusal('overloaded', 503)], {
      signal: second.signal,
      wait: undefined,
      onRetry: () => second.abort(),
    });
    await expect(busy.client.json('GET', '/v1/x')).rejects.toMatchObject({ name: 'AbortError' });
    expect(busy.requests.length).toBe(1);
    await expect(busy.client.json('GET', '/v1/x')).rejects.toMatchObject({ name: 'AbortError' });
    expect(busy.requests.length).toBe(1);
  });
});

describe('flags', () => {
  it('for durations', () => {
    expect(['90s', '30m', '1h', '7d', '2w', '1y'].map(duration)).toEqual([
      90, 1800, 3600, 604_800, 1_209_600, 31_536_000,
    ]);
    for (const wrong of ['', '7', '7 d', '0d', '-1d', '1.5h', '7days', 'd'])
      expect(() => duration(wrong)).toThrow(/7d/);
  });

  it('for scopes, rates and counts', () => {
    expect(scopes('speech, prompts:write,speech')).toEqual(['speech', 'prompts:write']);
    expect(() => scopes('speech,admin')).toThrow(/keys:write/);
    expect(['60/m', '300', 'unlimited'].map(rate)).toEqual(['60/m', '300/m', 'unlimited']);
    for (const wrong of ['61/m', '60/s', '', 'any']) expect(() => rate(wrong)).toThrow(/5000\/m, unlimited/);
    expect(['5', '1000000', '1_000_000', '1,000,000'].map(count)).toEqual([5, 1e6, 1e6, 1e6]);
    for (const wrong of ['', '0', '-1', '1.5', '1e6', 'many']) expect(() => count(wrong)).toThrow(/whole/);
  });

  it('for days and fields', () => {
    expect(day('2026-02-28')).toBe('2026-02-28');
    for (const wrong of ['2026-02-30', '2026-2-3', 'today', ''])
      expect(() => day(wrong)).toThrow(/2026-11-21/);
    expect(setting('style=sty_x', setting('pitch=2'))).toEqual({ pitch: 2, style: 'sty_x' });
    expect(setting('emotion={"happy":1}')).toEqual({ emotion: { happy: 1 } });
    expect(setting('input=a=b')).toEqual({ input: 'a=b' });
    for (const wrong of ['pitch', '=2', '']) expect(() => setting(wrong)).toThrow(/pitch=2/);
  });
});

describe('output', () => {
  it('aligns columns', () => {
    const columns = [
      { heading: 'NAME', value: ([name]: readonly [string, number]) => name },
      { heading: 'N', value: ([, n]: readonly [string, number]) => n, right: true },
    ];
    expect(
      table(
        [
          ['a', 10],
          ['longer', 5],
        ],
        columns,
      ),
    ).toBe('NAME     N\na       10\nlonger   5');
    expect([when(1_795_262_400_000), when(null)]).toEqual(['2026-11-21 12:00Z', '-']);
  });

  it('resolves files in the user’s folder, not in npm’s', () => {
    vi.stubEnv('INIT_CWD', '/home/me');
    vi.stubEnv('npm_lifecycle_event', 'sori');
    expect([userPath('prompts.yaml'), userPath('/abs')]).toEqual(['/home/me/prompts.yaml', '/abs']);
    // INIT_CWD is the folder in which npm was called.
    vi.stubEnv('npm_lifecycle_event', 'test');
    expect(userPath('prompts.yaml')).toBe(`${process.cwd()}/prompts.yaml`);
  });
});
