import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../../src/placement/circuit-breaker.ts';
import { parseOrigins } from '../../../src/placement/origin-list.ts';
import type { OriginPoolOptions } from '../../../src/placement/origin-options.ts';
import { OriginPool } from '../../../src/placement/origin-pool.ts';
import { headersToAsk, headersToPass } from '../../../src/placement/pass-headers.ts';
import { deferred } from '../../support/deferred.ts';

describe('a circuit breaker', () => {
  it('opens after three failures in a row, allows one trial after a while, and doubles its wait each time', () => {
    const breaker = new CircuitBreaker();
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded();
    for (let n = 0; n < 3; n++) {
      expect(breaker.state(0)).toBe('closed');
      breaker.failed(0);
    }
    expect([breaker.state(999), breaker.allows(999)]).toEqual(['open', false]);
    for (const [from, until] of [
      [1_000, 3_000],
      [3_000, 7_000],
      [7_000, 15_000],
    ]) {
      expect([breaker.state(from), breaker.allows(from)]).toEqual(['half-open', true]);
      breaker.began(from);
      expect(breaker.allows(from)).toBe(false);
      breaker.failed(from);
      expect(breaker.state(until - 1)).toBe('open');
    }
    breaker.began(15_000);
    breaker.succeeded();
    expect(breaker.state(15_000)).toBe('closed');
    for (let n = 0; n < 3; n++) breaker.failed(20_000);
    expect(breaker.state(21_000)).toBe('half-open');
  });

  it('never waits longer than its limit', () => {
    const breaker = new CircuitBreaker({ failures: 1, openMs: 1_000, openMsAtMost: 5_000 });
    let now = 0;
    for (let n = 0; n < 100; n++) {
      breaker.failed(now);
      while (breaker.state(now) === 'open') now += 1_000;
    }
    breaker.failed(now);
    expect(breaker.state(now + 5_000)).toBe('half-open');
  });

  it('ignores results of requests that began before it opened', () => {
    const breaker = new CircuitBreaker();
    for (let n = 0; n < 10; n++) breaker.failed(0);
    expect(breaker.state(1_000)).toBe('half-open');
  });

  it('allows another trial after one that was aborted or lost', () => {
    const breaker = new CircuitBreaker({ failures: 1 });
    breaker.failed(0);
    breaker.began(1_000);
    breaker.abandoned();
    expect(breaker.allows(1_000)).toBe(true);
    breaker.began(1_000);
    expect([breaker.allows(60_999), breaker.allows(61_000)]).toEqual([false, true]);
  });

  it('opens at once on request', () => {
    const breaker = new CircuitBreaker();
    breaker.trip(0);
    expect(breaker.state(0)).toBe('open');
  });
});

/** Origins whose answers a test chooses, by host name, and a clock that it sets. */
function stage(
  play: Record<string, (request: Request) => Response | Promise<Response>>,
  options: Partial<OriginPoolOptions> = {},
) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const checked: string[] = [];
  const faults: string[] = [];
  const health: Record<string, number> = {};
  const pool = new OriginPool({
    origins: Object.keys(play).map((name) => ({ url: `https://${name}`, weight: 1 })),
    sign: async ({ caller, target }) => ({ 'x-sori-signature': `${caller} ${target}` }),
    fetch: async (url, init) => {
      const { hostname, pathname } = new URL(url);
      if (pathname === '/readyz') {
        checked.push(hostname);
        return new Response('{}', { status: health[hostname] ?? 200 });
      }
      asked.push(hostname);
      return await play[hostname](new Request(url, init));
    },
    now: () => clock.now,
    random: () => 0,
    onFault: (origin, error) => faults.push(`${origin} ${(error as { code: string }).code}`),
    ...options,
  });
  const send = (path = '/v1/audio/speech', extra: Partial<Parameters<OriginPool['forward']>[1]> = {}) =>
    pool.forward(new Request(`https://edge${path}`, { method: 'POST', body: '{}' }), {
      signal: new AbortController().signal,
      repeatable: true,
      ...extra,
    });
  return { pool, clock, asked, checked, faults, health, send };
}

const good = (request: Request) =>
  new Response('audio', {
    headers: { 'Content-Type': 'audio/mpeg', 'x-request-id': request.headers.get('x-request-id')! },
  });
const broken = () => {
  throw new TypeError('fetch failed');
};
const busy = (request: Request) =>
  Response.json(
    { error: { code: 'overloaded' } },
    {
      status: 503,
      headers: { 'x-request-id': request.headers.get('x-request-id')!, 'Retry-After': '1' },
    },
  );

describe('a pool', () => {
  it('distributes work by weight', async () => {
    const chance = { value: 0 };
    const count: Record<string, number> = { a: 0, b: 0 };
    const { pool } = stage(
      { a: good, b: good },
      {
        origins: [
          { url: 'https://a', weight: 3 },
          { url: 'https://b', weight: 1 },
        ],
        random: () => chance.value,
        fetch: async (url, init) => {
          count[new URL(url).hostname]++;
          return good(new Request(url, init));
        },
      },
    );
    for (let n = 0; n < 100; n++) {
      chance.value = n / 100;
      const request = new Request('https://edge/x', { method: 'POST', body: '{}' });
      await (await pool.forward(request, { signal: new AbortController().signal })).text();
    }
    expect(count).toEqual({ a: 75, b: 25 });
  });

  it('tries another origin when one fails, and stops using it after three failures', async () => {
    const { send, asked, faults, pool } = stage({ a: broken, b: good });
    for (let n = 0; n < 5; n++) expect(await (await send()).text()).toBe('audio');
    expect(asked).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'b', 'b']);
    expect(faults).toEqual(new Array(3).fill('https://a origin_unavailable'));
    expect(pool.states()).toEqual([
      { url: 'https://a', state: 'open' },
      { url: 'https://b', state: 'closed' },
    ]);
  });

  it('does not retry work that must not be done twice', async () => {
    const { send, asked } = stage({ a: broken, b: good });
    await expect(send('/v1/voices', { repeatable: false })).rejects.toMatchObject({
      code: 'origin_unavailable',
    });
    expect(asked).toEqual(['a']);
  });

  it('uses an origin that was unreachable only when it is ready again', async () => {
    let works = false;
    const { send, clock, checked, health, pool, asked } = stage({ a: (r) => (works ? good(r) : broken()) });
    for (let n = 0; n < 3; n++) await expect(send()).rejects.toThrow();
    expect(pool.up).toBe(false);
    await expect(send()).rejects.toMatchObject({ code: 'origin_unavailable' });
    expect(asked.length).toBe(3);
    works = true;
    health.a = 503;
    clock.now = 1_000;
    await expect(send()).rejects.toThrow();
    expect([checked, asked.length]).toEqual([['a'], 3]);
    health.a = 200;
    clock.now = 3_000;
    await (await send()).text();
    expect(pool.states()).toMatchObject([{ state: 'closed' }]);
  });

  it('queries the health of an origin while it is used, without waiting for the answer', async () => {
    const { send, clock, checked, health, pool } = stage({ a: good });
    const checks: Promise<unknown>[] = [];
    const keepAlive = (work: Promise<unknown>) => void checks.push(work);
    await send(undefined, { keepAlive });
    expect(checked).toEqual([]);
    clock.now = 10_000;
    health.a = 503;
    expect((await send(undefined, { keepAlive })).status).toBe(200);
    await Promise.all(checks);
    expect(checked).toEqual(['a']);
    expect(pool.up).toBe(false);
  });

  it('does not count a busy origin as broken: tries another one, or passes its answer on', async () => {
    const two = stage({ a: busy, b: good });
    expect((await two.send()).status).toBe(200);
    const one = stage({ a: busy });
    for (let n = 0; n < 5; n++) {
      const response = await one.send();
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    }
    expect(one.pool.up).toBe(true);
  });

  it('does not count a disconnect of the client as a failure', async () => {
    const { send, pool, faults } = stage({
      a: (request) =>
        new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason));
        }),
    });
    for (let n = 0; n < 5; n++) {
      const leaving = new AbortController();
      const sent = send(undefined, { signal: leaving.signal });
      leaving.abort(new Error('gone'));
      await expect(sent).rejects.toThrow('gone');
    }
    expect([pool.up, faults]).toEqual([true, []]);
  });

  it('does not pass a refusal of the edge’s own credentials on to the client', async () => {
    const { send } = stage({
      a: () => Response.json({}, { status: 403, headers: { 'X-Sori-Refused': 'expired_signature' } }),
    });
    await expect(send()).rejects.toMatchObject({
      code: 'origin_unavailable',
      cause: { message: expect.stringContaining('expired_signature') },
    });
  });

  it('hedges only when configured: takes the first answer and aborts the other request', async () => {
    const stopped = deferred<unknown>();
    const { send, asked } = stage(
      {
        a: (request) =>
          new Promise((_, reject) => {
            request.signal.addEventListener('abort', () => {
              stopped.resolve(request.signal.reason);
              reject(request.signal.reason);
            });
          }),
        b: good,
      },
      { hedgeMs: 1 },
    );
    expect(await (await send()).text()).toBe('audio');
    expect(asked).toEqual(['a', 'b']);
    await stopped.promise;
  });

  it('prefers another answer to that of a busy origin', async () => {
    const { send, asked } = stage({ a: busy, b: good }, { hedgeMs: 60_000 });
    expect(await (await send()).text()).toBe('audio');
    expect(asked).toEqual(['a', 'b']);
    const both = stage({ a: busy, b: busy }, { hedgeMs: 1 });
    const response = await both.send();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('reads the first of two simultaneous answers to its end', async () => {
    const answers = [deferred<void>(), deferred<void>()];
    const signals: AbortSignal[] = [];
    const together = (request: Request) => {
      signals.push(request.signal);
      if (signals.length === 2) for (const { resolve } of answers) resolve();
      return answers[signals.length - 1].promise.then(() => good(request));
    };
    const { send } = stage({ a: together, b: together }, { hedgeMs: 1 });
    expect(await (await send()).text()).toBe('audio');
    expect(signals.filter(({ aborted }) => aborted).length).toBe(1);
  });

  it('does not count a request that exceeds its own deadline as a failure', async () => {
    const slow = (request: Request) =>
      Response.json(
        { error: { code: 'deadline_exceeded' } },
        {
          status: 503,
          headers: { 'x-request-id': request.headers.get('x-request-id')!, 'Retry-After': '5' },
        },
      );
    const { send, asked, pool } = stage({ a: slow, b: slow });
    for (let n = 0; n < 5; n++) {
      const response = await send();
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    }
    expect([asked.length, pool.states()]).toEqual([
      5,
      [
        { url: 'https://a', state: 'closed' },
        { url: 'https://b', state: 'closed' },
      ],
    ]);
  });

  it('lists the editions under which origins store audio, and asks each until it has answered', async () => {
    let says: object = {};
    const clock = { now: 0 };
    const asked: string[] = [];
    const pool = new OriginPool({
      origins: ['a', 'b'].map((name) => ({ url: `https://${name}`, weight: 1 })),
      sign: async () => ({}),
      now: () => clock.now,
      fetch: async (url) => {
        asked.push(new URL(url).hostname);
        return Response.json(says);
      },
    });
    expect(await pool.editions('m')).toEqual([]);
    says = {
      models: [{ model: 'm', edition: 'f.1.native' }, { model: 'n', edition: 'evil key\n' }, null, 7],
    };
    // Editions are cached for a while, unless a fresh answer is requested.
    expect(await pool.editions('m')).toEqual([]);
    expect(asked.length).toBe(2);
    clock.now = 10_000;
    expect(await pool.editions('m')).toEqual(['f.1.native']);
    expect(await pool.editions('n', true)).toEqual([]);
    expect(asked.length).toBe(4);
  });

  it('reports the first failure when the hedge fails too', async () => {
    const { send, asked } = stage({ a: broken, b: broken }, { hedgeMs: 60_000 });
    await expect(send()).rejects.toMatchObject({ code: 'origin_unavailable' });
    expect(asked).toEqual(['a', 'b']);
  });
});

describe('ORIGINS', () => {
  it.each([undefined, '', '  '])('%j: none', (text) => {
    expect(parseOrigins(text)).toBeUndefined();
  });

  it('parses addresses and weights', () => {
    expect(parseOrigins('https://a.example 2, https://b.example/,http://127.0.0.1:8788 0.5')).toEqual([
      { url: 'https://a.example', weight: 2 },
      { url: 'https://b.example', weight: 1 },
      { url: 'http://127.0.0.1:8788', weight: 0.5 },
    ]);
  });

  it.each([
    'a.example',
    'ftp://a.example',
    'http://a.example',
    'https://a.example/path',
    'https://u:p@a.example',
    'https://a.example?x',
    'https://a.example 0',
    'https://a.example many',
    'https://a.example 1 2',
    'https://a.example,',
  ])('refuses %j, naming its position', (text) => {
    expect(() => parseOrigins(text)).toThrow(/^ORIGINS, origin \d: /);
  });
});

describe('headers', () => {
  it('of a request: details of the connection, the client’s keys and proxies are not forwarded', () => {
    const headers = headersToAsk(
      new Headers({
        Authorization: 'Bearer sori_1',
        'Cache-Control': 'no-store',
        'cf-connecting-ip': '1.2.3.4',
        Connection: 'keep-alive, prefer',
        'Content-Type': 'application/json',
        Cookie: 'a=b',
        Prefer: 'wait=1',
        Te: 'trailers',
        'Transfer-Encoding': 'chunked',
        'X-Forwarded-For': '1.2.3.4',
        'X-Sori-Caller': 'admin',
        'X-Sori-Signature': 'v1',
      }),
    );
    expect(Object.fromEntries(headers)).toEqual({
      'accept-encoding': 'identity',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    });
  });

  it('of an answer: the headers about the speech are forwarded', () => {
    const headers = headersToPass(
      new Headers({
        'Access-Control-Allow-Origin': 'https://elsewhere.example',
        'Content-Encoding': 'gzip',
        'Content-Length': '5',
        'Content-Type': 'audio/mpeg',
        'Keep-Alive': 'timeout=5',
        Server: 'nginx',
        'Set-Cookie': 'a=b',
        'Transfer-Encoding': 'chunked',
        'X-Cache': 'miss',
        'X-Powered-By': 'PHP',
      }),
    );
    expect(Object.fromEntries(headers)).toEqual({ 'content-type': 'audio/mpeg', 'x-cache': 'miss' });
  });
});
