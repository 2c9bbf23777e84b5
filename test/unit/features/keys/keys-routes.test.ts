import { describe, expect, it } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { createAccessControl } from '../../../../src/features/keys/access-control.ts';
import { memoryRateLimiter } from '../../../../src/features/keys/rate-limiters/memory.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { ADMIN_KEY, accessApp, NOON, SPEECH, sha256 } from '../../../support/apps/access-app.ts';

const NEW = { name: 'ci', scopes: ['speech', 'prompts:write'], rate: '60/m', monthly_characters: 1_000_000 };

describe('POST /v1/keys', () => {
  it('makes a key that works and is shown once', async () => {
    const { send } = await accessApp();
    const { status, json, headers } = await send('POST', '/v1/keys', ADMIN_KEY, NEW);
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json).toEqual({
      object: 'key',
      id: expect.stringMatching(/^\w{12}$/),
      ...NEW,
      created_at: NOON / 1000,
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
      key: `sori_${json.id}_${json.key.slice(18)}`,
    });
    expect((await send('POST', '/v1/audio/speech', json.key, SPEECH)).status).toBe(200);
    const list = await send('GET', '/v1/keys', ADMIN_KEY);
    const { key, ...shown } = json;
    expect(list.json.data).toEqual([{ ...shown, last_used_at: NOON / 1000 }]);
    expect(list.text).not.toContain(key.slice(18));
  });

  it('applies defaults', async () => {
    const { send } = await accessApp();
    const { json } = await send('POST', '/v1/keys', ADMIN_KEY, { name: 'a', scopes: ['speech', 'speech'] });
    expect(json).toMatchObject({ scopes: ['speech'], rate: '300/m', monthly_characters: null });
    const free = { name: 'b', scopes: ['speech'], rate: 'unlimited', expires_in: 60 };
    const made = await send('POST', '/v1/keys', ADMIN_KEY, free);
    expect(made.json).toMatchObject({ rate: null, expires_at: NOON / 1000 + 60 });
  });

  it.each([
    ['no name', { name: undefined }, 'missing_required_parameter', 'name'],
    ['an empty name', { name: '' }, 'invalid_value', 'name'],
    ['a long name', { name: 'a'.repeat(129) }, 'invalid_value', 'name'],
    ['a number as name', { name: 1 }, 'invalid_type', 'name'],
    ['no scopes', { scopes: undefined }, 'missing_required_parameter', 'scopes'],
    ['an empty list', { scopes: [] }, 'invalid_value', 'scopes'],
    ['an unknown scope', { scopes: ['admin'] }, 'invalid_value', 'scopes'],
    ['scopes as a word', { scopes: 'speech' }, 'invalid_type', 'scopes'],
    ['a rate between the tiers', { rate: '61/m' }, 'invalid_value', 'rate'],
    ['a rate as number', { rate: 60 }, 'invalid_type', 'rate'],
    ['no characters', { monthly_characters: 0 }, 'invalid_value', 'monthly_characters'],
    ['half a character', { monthly_characters: 0.5 }, 'invalid_value', 'monthly_characters'],
    ['characters in words', { monthly_characters: 'many' }, 'invalid_type', 'monthly_characters'],
    ['a key that is over', { expires_in: 0 }, 'invalid_value', 'expires_in'],
    ['a misspelt limit', { monthly_chars: 5 }, 'invalid_value', 'monthly_chars'],
  ])('%s: refused', async (_, fields, code, param) => {
    const { send } = await accessApp();
    const { status, json } = await send('POST', '/v1/keys', ADMIN_KEY, { ...NEW, ...fields });
    expect({ status, ...json.error }).toMatchObject({ status: 400, code, param });
    expect((await send('GET', '/v1/keys', ADMIN_KEY)).json.data).toEqual([]);
  });

  it('cannot give scopes that the caller does not have', async () => {
    const { send, makeKey } = await accessApp();
    const { key } = await makeKey({ scopes: ['keys:write', 'speech'] });
    const refused = await send('POST', '/v1/keys', key, {
      ...NEW,
      scopes: ['speech', 'usage:read', 'prompts:read'],
    });
    expect(refused.status).toBe(403);
    expect(refused.json.error).toMatchObject({
      code: 'insufficient_scope',
      message: expect.stringContaining('Missing scopes: usage:read, prompts:read.'),
    });
    expect((await send('POST', '/v1/keys', key, { ...NEW, scopes: ['speech'] })).status).toBe(201);
  });
});

describe('GET /v1/keys', () => {
  it('returns pages, the newest key first', async () => {
    const { send, makeKey, clock } = await accessApp();
    for (let i = 0; i < 5; i++) {
      await makeKey({ name: `key-${i}` });
      // Two of the five keys are made in the same millisecond.
      if (i !== 2) clock.now++;
    }
    const names: string[] = [];
    let after = '';
    for (let pages = 0; pages < 3; pages++) {
      const { json } = await send('GET', `/v1/keys?limit=2${after}`, ADMIN_KEY);
      names.push(...json.data.map(({ name }: { name: string }) => name));
      expect(json.has_more).toBe(pages < 2);
      expect(json.next).toBe(pages < 2 ? json.data[1].id : null);
      after = `&after=${json.next}`;
    }
    expect([...names].sort()).toEqual(['key-0', 'key-1', 'key-2', 'key-3', 'key-4']);
    expect([names[0], names[3], names[4]]).toEqual(['key-4', 'key-1', 'key-0']);
  });

  it.each(['0', '-1', '1001', 'x', '1.5', ''])('limit=%s: refused', async (limit) => {
    const { send } = await accessApp();
    const { status, json } = await send('GET', `/v1/keys?limit=${limit}`, ADMIN_KEY);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: 'invalid_value', param: 'limit' });
  });
});

describe('DELETE /v1/keys/{id}', () => {
  it('revokes the key, which stays in the list', async () => {
    const { send, makeKey } = await accessApp();
    const { key, record } = await makeKey();
    const { status, json } = await send('DELETE', `/v1/keys/${record.id}`, ADMIN_KEY);
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: record.id, revoked_at: NOON / 1000 });
    expect((await send('GET', '/v1/models', key)).status).toBe(401);
    expect((await send('GET', '/v1/keys', ADMIN_KEY)).json.data[0].revoked_at).toBe(NOON / 1000);
    expect((await send('DELETE', '/v1/keys/nothing', ADMIN_KEY)).json.error.code).toBe('unknown_api_key');
  });

  it('a key can revoke itself', async () => {
    const { send, makeKey } = await accessApp();
    const { key, record } = await makeKey({ scopes: ['keys:write'] });
    expect((await send('DELETE', `/v1/keys/${record.id}`, key)).status).toBe(200);
    expect((await send('GET', '/v1/keys', key)).status).toBe(401);
  });
});

describe('POST /v1/keys/{id}/rotate', () => {
  it('returns a new key; the old one works until the overlap ends', async () => {
    const { send, makeKey, clock } = await accessApp();
    const { key, record } = await makeKey();
    const path = `/v1/keys/${record.id}/rotate`;
    const { status, json } = await send('POST', path, ADMIN_KEY, { overlap_seconds: 5 });
    expect(status).toBe(200);
    expect(json.id).toBe(record.id);
    for (const each of [key, json.key]) expect((await send('GET', '/v1/models', each)).status).toBe(200);
    clock.now += 5000;
    expect((await send('GET', '/v1/models', key)).status).toBe(401);
    expect((await send('GET', '/v1/models', json.key)).status).toBe(200);
  });

  it.each([
    [{ overlap_seconds: -1 }, 'invalid_value'],
    [{ overlap_seconds: 2_592_001 }, 'invalid_value'],
    [{ overlap_seconds: 'soon' }, 'invalid_type'],
    [{ overlap: 5 }, 'invalid_value'],
    [[], 'invalid_type'],
  ])('%j: refused', async (body, code) => {
    const { send, makeKey } = await accessApp();
    const { record } = await makeKey();
    const { status, json } = await send('POST', `/v1/keys/${record.id}/rotate`, ADMIN_KEY, body);
    expect({ status, code: json.error.code }).toEqual({ status: 400, code });
  });

  it('cannot make a key with more rights than its maker', async () => {
    const { send, makeKey } = await accessApp();
    const strong = await makeKey({ scopes: ['keys:write', 'speech', 'usage:read'] });
    const weak = await makeKey({ scopes: ['keys:write'] });
    const refused = await send('POST', `/v1/keys/${strong.record.id}/rotate`, weak.key, {});
    expect(refused.status).toBe(403);
    expect(refused.text).not.toContain('sori_');
    expect((await send('POST', `/v1/keys/${weak.record.id}/rotate`, strong.key, {})).status).toBe(200);
  });

  it('refuses unknown, revoked and expired keys', async () => {
    const { send, makeKey, access, clock } = await accessApp();
    const revoked = (await makeKey()).record.id;
    await access.keys!.revoke(revoked);
    const expired = (await makeKey({}, 1000)).record.id;
    clock.now += 1000;
    for (const id of ['nothing', revoked, expired]) {
      const { status, json } = await send('POST', `/v1/keys/${id}/rotate`, ADMIN_KEY, {});
      expect({ status, code: json.error.code }).toEqual({ status: 404, code: 'unknown_api_key' });
    }
  });
});

it('without a database only the administrator’s key works', async () => {
  const access = createAccessControl({ adminKeyHash: await sha256(ADMIN_KEY), limiter: memoryRateLimiter() });
  const app = createApp({ access, engine: toneEngine().engine, createEncoder });
  const headers = { Authorization: `Bearer ${ADMIN_KEY}` };
  expect((await app.request('/v1/models', { headers })).status).toBe(200);
  for (const path of ['/v1/keys', '/v1/usage']) {
    const response = await app.request(path, { headers });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ error: { code: 'not_configured' } });
  }
});
