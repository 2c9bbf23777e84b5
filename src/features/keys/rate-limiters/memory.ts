import { LRUCache } from 'lru-cache';
import type { RateState } from '../../../http/access.ts';
import { RATE_WINDOW_SECONDS, type RateBucket, type RateLimiter } from '../rate-limiter.ts';

interface Window {
  readonly start: number;
  count: number;
}

/** Most counted buckets; beyond that the least recently used one is reset. */
const MAX_BUCKETS = 10_000;

/**
 * A rate limiter in memory: fixed windows of a minute, which start with a bucket's first request.
 * @param now ms since the epoch.
 */
export function memoryRateLimiter(now: () => number = Date.now): RateLimiter {
  const count = windowCounter(now);
  return { count: async (bucket) => count(bucket) };
}

/** The synchronous counting of {@link memoryRateLimiter}. */
export function windowCounter(now: () => number): (bucket: RateBucket) => RateState {
  // With `max` instead, room for all buckets would be allocated at once, which takes milliseconds of each start.
  const windows = new LRUCache<string, Window>({ maxSize: MAX_BUCKETS, sizeCalculation: () => 1 });
  const length = RATE_WINDOW_SECONDS * 1000;
  return ({ kind, id, limit }) => {
    const name = `${kind}:${id}`;
    const time = now();
    let window = windows.get(name);
    if (window === undefined || time - window.start >= length) {
      window = { start: time, count: 0 };
      windows.set(name, window);
    }
    // Refused requests are not counted, so that a client that keeps asking is not locked out.
    const allowed = window.count < limit;
    if (allowed) window.count++;
    return {
      allowed,
      limit,
      remaining: limit - window.count,
      windowSeconds: RATE_WINDOW_SECONDS,
      resetSeconds: Math.max(1, Math.ceil((window.start + length - time) / 1000)),
    };
  };
}
