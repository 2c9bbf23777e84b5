import { describe, expect, it } from 'vitest';
import { NonceMemory } from '../../../src/placement/signatures/nonce-memory.ts';
import { databaseNonces, type Nonces, nonceTask } from '../../../src/placement/signatures/nonces.ts';
import {
  CALLER_HEADER,
  SIGNATURE_HEADER,
  signRequest,
  verifyRequest,
} from '../../../src/placement/signatures/origin-signature.ts';
import { countingDatabase } from '../../support/apps/access-app.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const OLD = 'old-secret-of-32-characters-or-more';
const NEW = 'new-secret-of-32-characters-or-more';
const KEYS = new Map([['k1', OLD]]);
const ROTATED = new Map([
  ['k2', NEW],
  ['k1', OLD],
]);
const BODY = new TextEncoder().encode('{"input":"Hello."}');
const TARGET = '/v1/audio/speech?a=%20b&a=c';

const sign = (keys = KEYS, body: Uint8Array = BODY) =>
  signRequest(keys, { method: 'POST', target: TARGET, caller: 'key_1', body, now: NOW });

/** The request as the origin receives it. */
interface Arrival {
  keys?: ReadonlyMap<string, string>;
  method?: string;
  target?: string;
  headers?: Record<string, string | undefined>;
  body?: Uint8Array;
  now?: number;
}

async function arrive(
  signed: Record<string, string>,
  given: Arrival = {},
  nonces: Nonces = new NonceMemory(),
) {
  const headers = new Headers();
  for (const [name, value] of Object.entries({ ...signed, ...given.headers })) {
    if (value !== undefined) headers.set(name, value);
  }
  const { keys = KEYS, method = 'POST', target = TARGET, body = BODY, now = NOW } = given;
  const readBody = async () => Uint8Array.from(body);
  return await verifyRequest(keys, { method, target, headers, readBody, now }, nonces);
}

const edited = (signed: Record<string, string>, from: RegExp, to: string) =>
  ({ [SIGNATURE_HEADER]: signed[SIGNATURE_HEADER].replace(from, to) }) as Record<string, string>;

describe('a signed request', () => {
  it('identifies the caller, and leaves the body readable', async () => {
    const { caller, body } = await arrive(await sign());
    expect(caller).toBe('key_1');
    expect(body).toEqual(BODY);
  });

  it.each(['é/ü', 'a\nb', 'public'])('carries the caller %j', async (caller) => {
    const signed = await signRequest(KEYS, { method: 'POST', target: TARGET, caller, body: BODY, now: NOW });
    expect((await arrive(signed)).caller).toBe(caller);
  });

  it.each<[string, Arrival]>([
    ['59 s late', { now: NOW + 59_000 }],
    ['59 s early', { now: NOW - 59_000 }],
    ['verified with a new key beside the old', { keys: ROTATED }],
  ])('%s: accepted', async (_, given) => {
    await expect(arrive(await sign(), given)).resolves.toMatchObject({ caller: 'key_1' });
  });

  it('is made with the first key, which every server with that key accepts', async () => {
    const signed = await sign(ROTATED);
    expect(signed[SIGNATURE_HEADER]).toContain('kid=k2;');
    await expect(arrive(signed, { keys: new Map([['k2', NEW]]) })).resolves.toBeDefined();
    await expect(arrive(signed)).rejects.toMatchObject({ code: 'invalid_signature' });
  });

  it.each<[string, Arrival | ((signed: Record<string, string>) => Arrival), string]>([
    ['61 s late', { now: NOW + 61_000 }, 'expired_signature'],
    ['61 s early', { now: NOW - 61_000 }, 'expired_signature'],
    ['another body', { body: new TextEncoder().encode('{"input":"Hallo."}') }, 'invalid_signature'],
    ['no body', { body: new Uint8Array(0) }, 'invalid_signature'],
    ['another path', { target: '/v1/keys?a=%20b&a=c' }, 'invalid_signature'],
    ['another query', { target: '/v1/audio/speech?a=%20b' }, 'invalid_signature'],
    ['another spelling of the query', { target: '/v1/audio/speech?a=+b&a=c' }, 'invalid_signature'],
    ['another method', { method: 'DELETE' }, 'invalid_signature'],
    ['another secret', { keys: new Map([['k1', NEW]]) }, 'invalid_signature'],
    ['an unknown key', { keys: new Map([['k9', OLD]]) }, 'invalid_signature'],
    ['no signature', { headers: { [SIGNATURE_HEADER]: undefined } }, 'invalid_signature'],
    ['nonsense', { headers: { [SIGNATURE_HEADER]: 'v1' } }, 'invalid_signature'],
    ['no caller', { headers: { [CALLER_HEADER]: undefined } }, 'invalid_signature'],
    ['another caller', { headers: { [CALLER_HEADER]: 'key_2' } }, 'invalid_signature'],
    ['a caller that can’t be read', { headers: { [CALLER_HEADER]: '%' } }, 'invalid_signature'],
    ['another time', (s) => ({ headers: edited(s, /t=\d+/, 't=1795262401') }), 'invalid_signature'],
    ['another nonce', (s) => ({ headers: edited(s, /n=../, 'n=zz') }), 'invalid_signature'],
    [
      'a nonce in capitals',
      (s) => ({ headers: edited(s, /n=\w+/, `n=${'A'.repeat(32)}`) }),
      'invalid_signature',
    ],
    ['another key’s id', (s) => ({ keys: ROTATED, headers: edited(s, /k1/, 'k2') }), 'invalid_signature'],
    ['a shorter signature', (s) => ({ headers: edited(s, /.$/, '') }), 'invalid_signature'],
  ])('%s: refused with %3$s', async (_, given, code) => {
    const signed = await sign();
    const arrival = typeof given === 'function' ? given(signed) : given;
    await expect(arrive(signed, arrival)).rejects.toMatchObject({ code });
  });

  it('is checked before the body is read', async () => {
    const readBody = async (): Promise<never> => {
      throw new Error('It was read.');
    };
    const headers = new Headers({ [SIGNATURE_HEADER]: 'v1', [CALLER_HEADER]: 'a' });
    const request = { method: 'POST', target: TARGET, headers, readBody, now: NOW };
    await expect(verifyRequest(KEYS, request, new NonceMemory())).rejects.toMatchObject({
      code: 'invalid_signature',
    });
  });
});

describe('a replayed request', () => {
  it('is refused, one after the other and concurrently', async () => {
    const nonces = new NonceMemory();
    const signed = await sign();
    const results = await Promise.allSettled([arrive(signed, {}, nonces), arrive(signed, {}, nonces)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(arrive(signed, { now: NOW + 60_000 }, nonces)).rejects.toMatchObject({
      code: 'invalid_signature',
    });
  });

  it('with a changed body does not use up the nonce of the original', async () => {
    const nonces = new NonceMemory();
    const signed = await sign();
    await expect(arrive(signed, { body: new Uint8Array(3) }, nonces)).rejects.toThrow();
    await expect(arrive(signed, {}, nonces)).resolves.toBeDefined();
  });

  it('is refused although its body takes minutes and old nonces are removed meanwhile', async () => {
    const { database } = await countingDatabase();
    const nonces = databaseNonces(database);
    const signed = await sign();
    await arrive(signed, {}, nonces);
    const forget = nonceTask(database);
    // The time of arrival counts, not the time at which the body has been read.
    await forget(NOW + 59_000 + 300_000);
    await expect(arrive(signed, { now: NOW + 59_000 }, nonces)).rejects.toMatchObject({
      code: 'invalid_signature',
    });
    expect(await forget(NOW + 361_000)).toBe(1);
  });

  it('is refused where it could not be distinguished from an original', async () => {
    const nonces = new NonceMemory(2);
    await arrive(await sign(), {}, nonces);
    await arrive(await sign(), {}, nonces);
    await expect(arrive(await sign(), {}, nonces)).rejects.toMatchObject({ code: 'overloaded' });
    const later = NOW + 362_000;
    const fresh = await signRequest(KEYS, {
      method: 'POST',
      target: TARGET,
      caller: 'key_1',
      body: BODY,
      now: later,
    });
    await expect(arrive(fresh, { now: later }, nonces)).resolves.toBeDefined();
    expect(nonces.size).toBe(1);
  });
});

it('nothing is signed without a key', async () => {
  await expect(sign(new Map())).rejects.toThrow(RangeError);
});
