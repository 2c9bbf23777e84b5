import { expect } from 'vitest';
import type { RateLimiter } from '../../src/features/keys/rate-limiter.ts';

/**
 * What every driver of {@link RateLimiter} must do. Ids are new each time: counters may outlive a test. A driver's minute may turn at
 * any moment, but not twice in a test: of two limits and one more request, one at least is too much.
 */
export const RATE_LIMITER_CONTRACT: readonly { name: string; check(limiter: RateLimiter): Promise<void> }[] =
  [
    {
      name: 'allows requests up to the limit, and refuses more',
      async check(limiter) {
        const id = crypto.randomUUID();
        const states = [];
        for (let i = 0; i < 21; i++) states.push(await limiter.count({ kind: 'key', id, limit: 10 }));
        expect(states.slice(0, 10).every(({ allowed }) => allowed)).toBe(true);
        expect(states.some(({ allowed }) => !allowed)).toBe(true);
      },
    },
    {
      name: 'reports the limit and what remains',
      async check(limiter) {
        const bucket = { kind: 'key', id: crypto.randomUUID(), limit: 10 } as const;
        const first = await limiter.count(bucket);
        expect(first).toEqual({
          allowed: true,
          limit: 10,
          remaining: 9,
          windowSeconds: 60,
          resetSeconds: expect.any(Number),
        });
        for (let i = 0; i < 20; i++) {
          const state = await limiter.count(bucket);
          expect(state.remaining).toBeLessThan(10);
          expect(state.resetSeconds).toBeGreaterThanOrEqual(1);
          expect(state.resetSeconds).toBeLessThanOrEqual(60);
          if (!state.allowed) expect(state.remaining).toBe(0);
        }
      },
    },
    {
      name: 'counts keys and addresses separately',
      async check(limiter) {
        const id = crypto.randomUUID();
        for (let i = 0; i < 21; i++) await limiter.count({ kind: 'key', id, limit: 10 });
        expect((await limiter.count({ kind: 'key', id: crypto.randomUUID(), limit: 10 })).allowed).toBe(true);
        expect((await limiter.count({ kind: 'address', id, limit: 1000 })).allowed).toBe(true);
      },
    },
  ];
