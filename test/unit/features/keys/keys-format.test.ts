import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { equalByXor, equalInConstantTime } from '../../../../src/base/constant-time.ts';
import { fromHex, toHex } from '../../../../src/base/hex.ts';
import {
  API_KEY,
  hashApiKey,
  idOfApiKey,
  maskApiKey,
  newApiKey,
  newKeyId,
} from '../../../../src/features/keys/api-key.ts';
import { authOffAllowed } from '../../../../src/http/loopback.ts';

describe('an API key', () => {
  it('consists of its id, 202 random bits and a checksum', () => {
    const id = newKeyId();
    const key = newApiKey(id);
    expect(key).toMatch(/^sori_[0-9A-Za-z]{12}_[0-9A-Za-z]{40}$/);
    expect(key).toMatch(API_KEY);
    expect(idOfApiKey(key)).toBe(id);
    expect(Math.log2(62 ** 34)).toBeGreaterThan(192);
    expect(newApiKey(id)).not.toBe(key);
  });

  it('uses all digits equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      for (const digit of newApiKey(newKeyId()).slice(18, 52))
        counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    // 17,000 digits over 62: 274 each, with a standard deviation of 16. Bytes modulo 62 would favour the first eight by a quarter.
    expect(counts.size).toBe(62);
    const first = [...'01234567'].reduce((sum, digit) => sum + counts.get(digit)!, 0);
    expect(first / 8).toBeLessThan(300);
    expect(first / 8).toBeGreaterThan(248);
  });

  it('is invalid when one character is changed, dropped or swapped with its neighbour', () => {
    const key = newApiKey(newKeyId());
    fc.assert(
      fc.property(fc.nat(key.length - 1), fc.constantFrom(...'0aZ_-ü '), (at, other) => {
        fc.pre(key[at] !== other);
        expect(idOfApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined();
        expect(idOfApiKey(key.slice(0, at) + key.slice(at + 1))).toBeUndefined();
        const swapped = key.slice(0, at) + key.slice(at + 1, at + 2) + key[at] + key.slice(at + 2);
        if (swapped !== key) expect(idOfApiKey(swapped)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['', '…'],
    ['short', '…'],
    ['fifteen-letters', '…'],
    ['sori_4f9K2mQx7PzL_0123456789012345678901234567890123abcdef', 'sori_4f…ef'],
    [`${'\u0000'.repeat(30)}<b>`, '…'],
  ])('%j is displayed as %s', (key, masked) => {
    expect(maskApiKey(key)).toBe(masked);
  });

  it('is hashed with SHA-256', async () => {
    // FIPS 180-2, appendix B.1.
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(toHex(await hashApiKey('abc'))).toBe(abc);
    expect(toHex(fromHex(abc))).toBe(abc);
  });
});

describe('comparison in constant time', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);

  it.each([
    [bytes(), bytes(), true],
    [bytes(1, 2, 3), bytes(1, 2, 3), true],
    [bytes(1, 2, 3), bytes(1, 2, 4), false],
    [bytes(0, 2, 3), bytes(1, 2, 3), false],
    [bytes(1, 2), bytes(1, 2, 0), false],
    [bytes(1, 2, 0), bytes(1, 2), false],
    [bytes(), bytes(0), false],
  ])('%s and %s: %s', (a, b, same) => {
    expect(equalInConstantTime(a, b)).toBe(same);
    expect(equalByXor(a, b)).toBe(same);
  });

  it('uses the platform’s comparison where there is one, and compares every byte elsewhere', () => {
    const given = vi.fn(() => true);
    vi.stubGlobal('crypto', { subtle: { timingSafeEqual: given } });
    expect(equalInConstantTime(bytes(1), bytes(2))).toBe(true);
    expect(given).toHaveBeenCalledOnce();
    expect(equalInConstantTime(bytes(1), bytes(1, 2))).toBe(false);
    expect(given).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();

    const read: number[] = [];
    const watched = new Proxy(bytes(9, 9, 9, 9), {
      get(target, name) {
        if (/^\d+$/.test(String(name))) read.push(Number(name));
        return Reflect.get(target, name, target);
      },
    });
    expect(equalByXor(watched, bytes(1, 9, 9, 9))).toBe(false);
    expect(read).toEqual([0, 1, 2, 3]);
  });
});

it.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['localhost.', true],
  ['sori.localhost', true],
  ['a.b.localhost', true],
  ['127.0.0.1', true],
  ['127.255.3.9', true],
  ['[::1]', true],
  ['::1', true],
  ['', false],
  ['.localhost', false],
  ['a..localhost', false],
  ['localhost.example.com', false],
  ['notlocalhost', false],
  ['127.0.0.1.nip.io', false],
  ['127.0.0.256', false],
  ['127.1', false],
  ['1127.0.0.1', false],
  ['0.0.0.0', false],
  ['[::]', false],
  ['[::2]', false],
  ['10.0.0.1', false],
  ['192.168.1.2', false],
  ['sori.example.com', false],
  ['xn--localhost', false],
])('keys may be off on %j: %s', (hostname, allowed) => {
  expect(authOffAllowed(hostname)).toBe(allowed);
});
