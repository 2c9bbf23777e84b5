import type { RateBucket, RateLimiter, RateTier } from '../rate-limiter.ts';
import { windowCounter } from './memory.ts';

/** A rate limit binding of the platform; its limit is fixed in wrangler.toml. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Bindings by their limit. */
export interface RateLimitBindings {
  /** For routes that need no key. */
  readonly addresses?: RateLimitBinding;
  /** For keys, by requests a minute. */
  readonly keys: Partial<Readonly<Record<RateTier, RateLimitBinding>>>;
}

/**
 * A rate limiter over the platform's bindings, whose counters all isolates of a location share. They do not report the remaining requests,
 * so `remaining` is an upper bound from this isolate's count. If a binding is missing or fails, that count decides.
 * @param now ms since the epoch.
 */
export function bindingRateLimiter(
  { addresses, keys }: RateLimitBindings,
  now: () => number = Date.now,
): RateLimiter {
  const countHere = windowCounter(now);
  const bindingOf = ({ kind, limit }: RateBucket) =>
    kind === 'address' ? addresses : keys[limit as RateTier];
  return {
    async count(bucket) {
      const here = countHere(bucket);
      const binding = bindingOf(bucket);
      if (binding === undefined) return here;
      try {
        const { success } = await binding.limit({ key: `${bucket.kind}:${bucket.id}` });
        return { ...here, allowed: success, remaining: success ? here.remaining : 0 };
      } catch {
        // Fall back to the limit of this isolate.
        return here;
      }
    },
  };
}
