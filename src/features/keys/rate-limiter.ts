import type { RateState } from '../../http/access.ts';

/** A bucket: the requests of a key or of an address. */
export interface RateBucket {
  readonly kind: 'key' | 'address';
  /** The key's id, or the address. */
  readonly id: string;
  /** Requests a minute. */
  readonly limit: number;
}

/** Counts requests. Drivers: `bindings` (the Workers platform's) and `memory` (one process). */
export interface RateLimiter {
  /** Counts a request and returns the state of the limit. */
  count(bucket: RateBucket): Promise<RateState>;
}

/** Rates that a key may have. There are a few, because the platform's limits are fixed at deployment. */
export const RATE_TIERS = [10, 60, 300, 1000, 5000] as const;

/** One of {@link RATE_TIERS}. */
export type RateTier = (typeof RATE_TIERS)[number];

/** Requests a minute of an address on routes that need no key. */
export const PUBLIC_RATE = 1000;

/** All rates are per minute. */
export const RATE_WINDOW_SECONDS = 60;
