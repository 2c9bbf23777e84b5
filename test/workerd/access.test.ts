import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { equalByXor, equalInConstantTime } from '../../src/base/constant-time.ts';
import { toHex } from '../../src/base/hex.ts';
import type { Database } from '../../src/database/database.ts';
import { createAccessControl } from '../../src/features/keys/access-control.ts';
import { Quotas } from '../../src/features/keys/quota.ts';
import { bindingRateLimiter, type RateLimitBinding } from '../../src/features/keys/rate-limiters/bindings.ts';
import { RATE_LIMITER_CONTRACT } from '../contract/rate-limiter.contract.ts';
import { toneEngine } from '../fixtures/tone-engine.ts';
import { migratedDatabase } from './migrated-database.ts';

const { RATE_10, RATE_60, RATE_PUBLIC } = env as unknown as Record<string, RateLimitBinding>;
const ADMIN_KEY = 'correct-horse-battery-staple';

let database: Database;
beforeAll(async () => {
  database = await migratedDatabase();
});

async function setUp() {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ADMIN_KEY));
  const limiter = bindingRateLimiter({ keys: { 10: RATE_10, 60: RATE_60 }, addresses: RATE_PUBLIC });
  const access = createAccessControl({ database, adminKeyHash: toHex(new Uint8Array(hash)), limiter });
  const app = createApp({ access, engine: toneEngine().engine, createEncoder, database });
  const send = async (method: string, path: string, key: string, body?: object) => {
    const context = createExecutionContext();
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const init = { method, headers, body: body && JSON.stringify(body) };
    const response = await app.fetch(new Request(`http://sori.test${path}`, init), env, context);
    const bytes = await response.arrayBuffer();
    await waitOnExecutionContext(context);
    return { status: response.status, headers: response.headers, text: new TextDecoder().decode(bytes) };
  };
  return { access, send };
}

describe('the platform’s rate limits', () => {
  const limiter = () => bindingRateLimiter({ keys: { 10: RATE_10, 60: RATE_60 }, addresses: RATE_PUBLIC });
  it.each(RATE_LIMITER_CONTRACT)('$name', ({ check }) => check(limiter()));
});

describe('in workerd', () => {
  it('the platform’s constant-time comparison has the same results as ours', () => {
    expect('timingSafeEqual' in crypto.subtle).toBe(true);
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const other = Uint8Array.from(bytes, (byte, at) => (at === 31 ? byte ^ 1 : byte));
    for (const equal of [equalInConstantTime, equalByXor]) {
      expect(equal(bytes, bytes.slice())).toBe(true);
      expect(equal(bytes, other)).toBe(false);
      expect(equal(bytes, bytes.slice(1))).toBe(false);
    }
  });

  it('keys are made, used, counted, rotated and revoked over D1', async () => {
    const { send } = await setUp();
    const made = await send('POST', '/v1/keys', ADMIN_KEY, {
      name: 'ci',
      scopes: ['speech'],
      rate: '60/m',
      monthly_characters: 10,
    });
    expect(made.status).toBe(201);
    const { id, key } = JSON.parse(made.text);
    const speech = { model: 'tone-1', voice: 'clara', input: 'Hello.', response_format: 'pcm' };
    const spoken = await send('POST', '/v1/audio/speech', key, speech);
    expect(spoken.status).toBe(200);
    expect(spoken.headers.get('x-characters-used')).toBe('6');
    expect(spoken.headers.get('ratelimit-policy')).toBe('"key";q=60;w=60');
    const refused = await send('POST', '/v1/audio/speech', key, { ...speech, input: 'Hello!' });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([429, 'insufficient_quota']);

    const usage = JSON.parse((await send('GET', `/v1/usage?key=${id}`, ADMIN_KEY)).text);
    expect(usage.total).toEqual({ requests: 2, cache_hits: 0, characters: 6, audio_seconds: 0.3 });
    const list = JSON.parse((await send('GET', '/v1/keys?limit=1', ADMIN_KEY)).text);
    expect(list.data[0]).toMatchObject({ id, last_used_at: expect.any(Number) });

    const rotated = await send('POST', `/v1/keys/${id}/rotate`, ADMIN_KEY, { overlap_seconds: 60 });
    const next = JSON.parse(rotated.text).key;
    for (const each of [key, next]) expect((await send('GET', '/v1/models', each)).status).toBe(200);
    expect((await send('DELETE', `/v1/keys/${id}`, ADMIN_KEY)).status).toBe(200);
    for (const each of [key, next]) expect((await send('GET', '/v1/models', each)).status).toBe(401);
  });

  it('50 concurrent reservations never exceed a quota', async () => {
    const quotas = new Quotas(database, Date.now);
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => quotas.reserve([{ id: 'fifty', limit: 1000 }], 33)),
    );
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.used] : []));
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => (i + 1) * 33));
  });

  it('the binding enforces the limit key by key', async () => {
    const { send, access } = await setUp();
    const { key } = await access.keys!.create({ name: 'slow', scopes: ['speech'], requestsPerMinute: 10 });
    const other = await access.keys!.create({ name: 'other', scopes: ['speech'], requestsPerMinute: 10 });
    // The minute of the binding may end once during the loop. Of 21 requests in two minutes, at least one is the eleventh of its minute.
    const answers = [];
    for (let i = 0; i < 21; i++) answers.push(await send('GET', '/v1/models', key));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(refused[0].headers.get('ratelimit')).toMatch(/^"key";r=0;t=\d+$/);
    expect(refused[0].headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await send('GET', '/v1/models', other.key)).status).toBe(200);
  });
});
