import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../../src/features/keys/access-control.ts';
import { bindingRateLimiter } from '../../../../src/features/keys/rate-limiters/bindings.ts';
import { memoryRateLimiter } from '../../../../src/features/keys/rate-limiters/memory.ts';
import { RATE_LIMITER_CONTRACT } from '../../../contract/rate-limiter.contract.ts';
import { ADMIN_KEY, accessApp, NOON, SPEECH } from '../../../support/apps/access-app.ts';

const bucket = { kind: 'key', id: 'a', limit: 3 } as const;

describe('counting in memory', () => {
  it.each(RATE_LIMITER_CONTRACT)('$name', ({ check }) => check(memoryRateLimiter()));

  it('allows the limit within a minute of the first request, then starts again', async () => {
    const clock = { now: NOON + 12_345 };
    const limiter = memoryRateLimiter(() => clock.now);
    const ask = async () => {
      const { allowed, remaining, resetSeconds } = await limiter.count(bucket);
      return [allowed, remaining, resetSeconds];
    };
    expect(await ask()).toEqual([true, 2, 60]);
    clock.now += 20_500;
    expect(await ask()).toEqual([true, 1, 40]);
    expect(await ask()).toEqual([true, 0, 40]);
    expect(await ask()).toEqual([false, 0, 40]);
    clock.now += 39_499;
    expect(await ask()).toEqual([false, 0, 1]);
    clock.now += 1;
    expect(await ask()).toEqual([true, 2, 60]);
  });

  it('counts keys and addresses separately', async () => {
    const limiter = memoryRateLimiter(() => NOON);
    for (let i = 0; i < 3; i++) await limiter.count(bucket);
    expect((await limiter.count(bucket)).allowed).toBe(false);
    expect((await limiter.count({ ...bucket, id: 'b' })).allowed).toBe(true);
    expect((await limiter.count({ ...bucket, kind: 'address' })).allowed).toBe(true);
  });
});

describe('counting with bindings', () => {
  const binding = (success: boolean) => {
    const asked: string[] = [];
    return {
      asked,
      limit: async ({ key }: { key: string }) => ({ success: asked.push(key) > 0 && success }),
    };
  };

  it('uses the result of the binding of the key’s tier', async () => {
    const [yes, no, addresses] = [binding(true), binding(false), binding(true)];
    const limiter = bindingRateLimiter({ keys: { 10: yes, 60: no }, addresses }, () => NOON);
    for (let left = 9; left >= 0; left--) {
      expect(await limiter.count({ kind: 'key', id: 'a', limit: 10 })).toMatchObject({
        allowed: true,
        remaining: left,
      });
    }
    // The platform counts for all isolates, so this isolate's own count is only an estimate.
    expect(await limiter.count({ kind: 'key', id: 'a', limit: 10 })).toMatchObject({
      allowed: true,
      remaining: 0,
    });
    expect(await limiter.count({ kind: 'key', id: 'a', limit: 60 })).toMatchObject({
      allowed: false,
      remaining: 0,
    });
    await limiter.count({ kind: 'address', id: '192.0.2.1', limit: 1000 });
    expect([new Set(yes.asked), no.asked, addresses.asked]).toEqual([
      new Set(['key:a']),
      ['key:a'],
      ['address:192.0.2.1'],
    ]);
  });

  it.each([
    ['is missing', {}],
    ['fails', { addresses: { limit: () => Promise.reject(new Error('away')) } }],
  ])('counts in memory where a binding %s', async (_, bindings) => {
    const limiter = bindingRateLimiter({ keys: {}, ...bindings }, () => NOON);
    const bucket = { kind: 'address', id: 'a', limit: 3 } as const;
    const answers = await Promise.all([1, 2, 3, 4].map(() => limiter.count(bucket)));
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
])('counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

describe('the rate limit of a key', () => {
  it('is stated on every answer, and is enforced with 429', async () => {
    const { send, makeKey, clock, tone } = await accessApp();
    const { key } = await makeKey({ requestsPerMinute: 10 });
    for (let left = 9; left >= 0; left--) {
      const { status, headers } = await send('GET', '/v1/models', key);
      expect(status).toBe(200);
      expect(headers.get('ratelimit-policy')).toBe('"key";q=10;w=60');
      expect(headers.get('ratelimit')).toBe(`"key";r=${left};t=60`);
      expect(headers.get('retry-after')).toBeNull();
    }
    clock.now += 21_000;
    const { status, headers, json } = await send('POST', '/v1/audio/speech', key, SPEECH);
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('39');
    expect(headers.get('x-should-retry')).toBe('true');
    expect(headers.get('ratelimit')).toBe('"key";r=0;t=39');
    expect(headers.get('ratelimit-policy')).toBe('"key";q=10;w=60');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json.error).toEqual({
      message: 'Rate limit reached: 10 requests a minute. Try again in 39 s.',
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    });
    expect(tone.count.spoken).toBe(0);
    clock.now += 39_000;
    expect((await send('GET', '/v1/models', key)).status).toBe(200);
  });

  it('is stated on errors too, and does not count requests without the scope', async () => {
    const { send, makeKey } = await accessApp();
    const { key } = await makeKey({ requestsPerMinute: 10 });
    expect((await send('GET', '/v1/keys', key)).status).toBe(403);
    const { status, headers } = await send('POST', '/v1/audio/speech', key, {});
    expect(status).toBe(400);
    expect(headers.get('ratelimit')).toBe('"key";r=9;t=60');
  });

  it('is shared by all secrets of a key and by no other key; no header is sent without a limit', async () => {
    const { send, makeKey, access } = await accessApp();
    const one = await makeKey({ requestsPerMinute: 10 });
    const other = await makeKey({ requestsPerMinute: 10 });
    const next = await access.keys!.rotate(one.record.id, 60_000);
    await send('GET', '/v1/models', one.key);
    expect((await send('GET', '/v1/models', next.key)).headers.get('ratelimit')).toBe('"key";r=8;t=60');
    expect((await send('GET', '/v1/models', other.key)).headers.get('ratelimit')).toBe('"key";r=9;t=60');
    expect((await send('GET', '/v1/models', ADMIN_KEY)).headers.get('ratelimit')).toBeNull();
  });
});

describe('the rate limit of an address', () => {
  const from = (address: string) => ({ 'cf-connecting-ip': address });

  it('limits public routes, by network', async () => {
    const { send, clock } = await accessApp();
    const get = async (address: string) => await send('GET', '/healthz', undefined, undefined, from(address));
    expect((await get('192.0.2.1')).headers.get('ratelimit')).toBe('"address";r=999;t=60');
    for (let i = 0; i < 999; i++) await get('192.0.2.1');
    const { status, headers } = await get('192.0.2.1');
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('60');
    expect(headers.get('ratelimit-policy')).toBe('"address";q=1000;w=60');
    expect((await get('192.0.2.2')).status).toBe(200);
    clock.now += 60_000;
    expect((await get('192.0.2.1')).status).toBe(200);
  });

  it('limits unknown paths, and guessed keys', async () => {
    const { send } = await accessApp();
    const guess = async (address: string) =>
      (await send('GET', '/v1/models', 'sori_guess', undefined, from(address))).status;
    for (let i = 0; i < 500; i++) {
      expect(await guess('192.0.2.3')).toBe(401);
      expect((await send('GET', '/nothing', undefined, undefined, from('192.0.2.3'))).status).toBe(404);
    }
    expect(await guess('192.0.2.3')).toBe(429);
    expect((await send('GET', '/nothing', undefined, undefined, from('192.0.2.3'))).status).toBe(429);
    expect(await guess('192.0.2.4')).toBe(401);
  });

  it('is not stated on cacheable answers, which other clients receive', async () => {
    const { send, makeKey } = await accessApp();
    const { key } = await makeKey({ monthlyCharacters: 100, requestsPerMinute: 10 });
    const made = await send('POST', '/v1/audio/speech', key, SPEECH);
    expect(made.headers.get('ratelimit')).toBe('"key";r=9;t=60');
    for (const path of [made.headers.get('content-location')!, '/audio/nothing.mp3']) {
      const { headers } = await send('GET', path, undefined, undefined, from('192.0.2.9'));
      expect(headers.get('cache-control')).toMatch(/^public/);
      for (const name of ['ratelimit', 'ratelimit-policy', 'x-characters-used']) {
        expect(headers.get(name)).toBeNull();
      }
    }
  });

  it('does not apply to requests with a key', async () => {
    const { send } = await accessApp();
    for (let i = 0; i < 1100; i++) await send('GET', '/healthz', undefined, undefined, from('192.0.2.5'));
    expect((await send('GET', '/v1/models', ADMIN_KEY, undefined, from('192.0.2.5'))).status).toBe(200);
  });
});
