import { describe, expect, it } from 'vitest';
import { createAccessControl } from '../../../../src/features/keys/access-control.ts';
import { newApiKey, newKeyId } from '../../../../src/features/keys/api-key.ts';
import { memoryRateLimiter } from '../../../../src/features/keys/rate-limiters/memory.ts';
import { ADMIN_KEY, accessApp, countingDatabase, NOON, sha256 } from '../../../support/apps/access-app.ts';

const refused = { code: 'invalid_api_key' };

/** Two isolates over one database and one clock. */
async function twoIsolates() {
  const { database, count, state } = await countingDatabase();
  const clock = { now: NOON };
  const isolate = () => createAccessControl({ database, limiter: memoryRateLimiter(), now: () => clock.now });
  const [one, other] = [isolate(), isolate()];
  const made = await one.keys!.create({ name: 'ci', scopes: ['speech'], requestsPerMinute: 60 });
  const works = async (access: typeof one, key: string) =>
    await access.authenticate(key).then(
      () => true,
      () => false,
    );
  return { one, other, clock, count, state, database, works, id: made.record.id, key: made.key };
}

describe('the administrator’s key', () => {
  it('has all scopes, without a database', async () => {
    const hash = (await sha256(ADMIN_KEY)).toUpperCase();
    const access = createAccessControl({ adminKeyHash: ` ${hash}\n`, limiter: memoryRateLimiter() });
    const caller = await access.authenticate(ADMIN_KEY);
    expect(caller.id).toBe('admin');
    expect([...caller.scopes]).toEqual([
      'speech',
      'prompts:read',
      'prompts:write',
      'usage:read',
      'keys:write',
    ]);
    expect(await access.countRequest(caller, '::1')).toBeUndefined();
    expect(await access.reserve(caller, 1e9)).toBeUndefined();
    await expect(access.authenticate(`${ADMIN_KEY}!`)).rejects.toMatchObject(refused);
    await expect(access.authenticate(newApiKey(newKeyId()))).rejects.toMatchObject(refused);
  });

  it.each([undefined, '', '  '])('does not exist where its hash is %j', async (adminKeyHash) => {
    const access = createAccessControl({ adminKeyHash, limiter: memoryRateLimiter() });
    for (const key of [undefined, '', ADMIN_KEY]) {
      await expect(access.authenticate(key)).rejects.toMatchObject(refused);
    }
  });

  it('an invalid hash is refused as not_configured', async () => {
    const access = createAccessControl({ adminKeyHash: ADMIN_KEY, limiter: memoryRateLimiter() });
    await expect(access.authenticate(ADMIN_KEY)).rejects.toMatchObject({ code: 'not_configured' });
  });
});

describe('a key', () => {
  it('is stored as its hash only', async () => {
    const { database, key, id } = await twoIsolates();
    const tables = ['api_keys', 'api_key_secrets'];
    const rows = await Promise.all(tables.map((name) => database.run(`SELECT * FROM ${name}`)));
    const all = JSON.stringify(rows);
    expect(all).not.toContain(key.slice(18));
    expect(all).toContain(await sha256(key));
    expect(all).toContain(id);
  });

  it('with the secret or id of another key is invalid', async () => {
    const { one, id, key } = await twoIsolates();
    await expect(one.authenticate(newApiKey(id))).rejects.toMatchObject(refused);
    await expect(one.authenticate(newApiKey(newKeyId()))).rejects.toMatchObject(refused);
    await expect(one.authenticate(key.slice(0, -1))).rejects.toMatchObject({
      message: `Incorrect API key provided: sori_${id.slice(0, 2)}…${key.slice(-3, -1)}. It was mistyped or cut off: its checksum is wrong.`,
    });
    expect((await one.authenticate(key)).id).toBe(id);
  });

  it('is read from the database once in 30 s', async () => {
    const { other, clock, count, key } = await twoIsolates();
    const before = count.runs;
    for (let i = 0; i < 20; i++) await other.authenticate(key);
    expect(count.runs - before).toBe(1);
    clock.now += 29_999;
    await other.authenticate(key);
    expect(count.runs - before).toBe(1);
    clock.now += 1;
    await other.authenticate(key);
    expect(count.runs - before).toBe(2);
  });

  it('that does not exist is looked up once in 10 s, and does not evict others', async () => {
    const { other, clock, count, key } = await twoIsolates();
    await other.authenticate(key);
    const before = count.runs;
    const missing = newApiKey(newKeyId());
    for (let i = 0; i < 20; i++) await expect(other.authenticate(missing)).rejects.toMatchObject(refused);
    expect(count.runs - before).toBe(1);
    clock.now += 10_000;
    await expect(other.authenticate(missing)).rejects.toMatchObject(refused);
    expect(count.runs - before).toBe(2);
    for (let i = 0; i < 3000; i++) await other.keys!.find(newKeyId());
    const after = count.runs;
    await other.authenticate(key);
    expect(count.runs).toBe(after);
  });

  it('with a typing error is not looked up; guessed secrets are looked up once in 2 s', async () => {
    const { other, clock, count, id, key } = await twoIsolates();
    await other.authenticate(key);
    const before = count.runs;
    await expect(other.authenticate(`${key}x`)).rejects.toMatchObject(refused);
    for (let i = 0; i < 20; i++)
      await expect(other.authenticate(newApiKey(id))).rejects.toMatchObject(refused);
    expect(count.runs).toBe(before);
    clock.now += 2000;
    for (let i = 0; i < 20; i++)
      await expect(other.authenticate(newApiKey(id))).rejects.toMatchObject(refused);
    expect(count.runs - before).toBe(1);
  });

  it('expires to the millisecond', async () => {
    const { one, other, clock, works } = await twoIsolates();
    const { key, record } = await one.keys!.create({ name: 'brief', scopes: ['speech'] }, 5000);
    expect(record.expiresAt).toBe(NOON + 5000);
    clock.now += 4999;
    expect([await works(one, key), await works(other, key)]).toEqual([true, true]);
    clock.now += 1;
    expect([await works(one, key), await works(other, key)]).toEqual([false, false]);
  });

  it('that is revoked stops working here at once and elsewhere within 60 s', async () => {
    const { one, other, clock, works, id, key } = await twoIsolates();
    expect([await works(one, key), await works(other, key)]).toEqual([true, true]);
    await one.keys!.revoke(id);
    expect(await works(one, key)).toBe(false);
    clock.now += 30_000;
    expect(await works(other, key)).toBe(false);
    await one.keys!.revoke(id);
    expect((await one.keys!.get(id)).revokedAt).toBe(NOON);
    await expect(one.keys!.rotate(id, 0)).rejects.toMatchObject({ code: 'unknown_api_key' });
    await expect(one.keys!.revoke(newKeyId())).rejects.toMatchObject({ code: 'unknown_api_key' });
  });

  it('works for at most 60 s while the database is unreachable', async () => {
    const { one, other, clock, state, key } = await twoIsolates();
    await other.authenticate(key);
    state.broken = true;
    await expect(one.authenticate(key)).rejects.toThrow('away');
    clock.now += 59_999;
    expect((await other.authenticate(key)).requestsPerMinute).toBe(60);
    clock.now += 1;
    await expect(other.authenticate(key)).rejects.toThrow('away');
  });
});

describe('rotation', () => {
  it('accepts the old and the new key during the overlap, in all isolates, then only the new one', async () => {
    const { one, other, clock, works, id, key } = await twoIsolates();
    await works(other, key);
    clock.now += 5000;
    const next = (await one.keys!.rotate(id, 60_000)).key;
    expect(next).not.toBe(key);
    const both = async () =>
      await Promise.all([works(one, key), works(one, next), works(other, key), works(other, next)]);
    expect(await both()).toEqual([true, true, true, true]);
    clock.now += 59_999;
    expect(await both()).toEqual([true, true, true, true]);
    clock.now += 1;
    expect(await both()).toEqual([false, true, false, true]);
  });

  it('without overlap ends the old secret within 60 s', async () => {
    const { one, other, clock, works, id, key } = await twoIsolates();
    await works(other, key);
    await one.keys!.rotate(id, 0);
    expect(await works(one, key)).toBe(false);
    clock.now += 30_000;
    expect(await works(other, key)).toBe(false);
  });

  it('twice in a row keeps each secret for its own overlap', async () => {
    const { one, clock, works, id, key, database } = await twoIsolates();
    const second = (await one.keys!.rotate(id, 10_000)).key;
    const third = (await one.keys!.rotate(id, 60_000)).key;
    clock.now += 10_000;
    expect([await works(one, key), await works(one, second), await works(one, third)]).toEqual([
      false,
      true,
      true,
    ]);
    await one.keys!.rotate(id, 1000);
    clock.now += 1000;
    expect([await works(one, second), await works(one, third)]).toEqual([false, false]);
    await one.keys!.rotate(id, 0);
    // A rotation deletes the secrets that have expired.
    expect((await database.run('SELECT * FROM api_key_secrets')).rows.length).toBe(1);
  });

  it('twice at the same time leaves two valid keys', async () => {
    const { one, other, works, id } = await twoIsolates();
    const made = await Promise.all([one.keys!.rotate(id, 5000), other.keys!.rotate(id, 5000)]);
    for (const { key } of made) expect(await works(one, key)).toBe(true);
  });
});

it('writes the time of last use once a minute', async () => {
  const { access, clock, makeKey, send, count } = await accessApp();
  const { record, key } = await makeKey();
  const lastUsed = async () => (await access.keys!.get(record.id)).lastUsedAt;
  expect(await lastUsed()).toBeUndefined();
  clock.now += 1000;
  await send('GET', '/v1/models', key);
  expect(await lastUsed()).toBe(NOON + 1000);
  clock.now += 59_999;
  await send('GET', '/v1/models', key);
  expect(await lastUsed()).toBe(NOON + 1000);
  clock.now += 1;
  await send('GET', '/v1/models', key);
  expect(await lastUsed()).toBe(NOON + 61_000);
  expect(count.runs).toBeGreaterThan(0);
});
