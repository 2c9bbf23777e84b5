import type { Nonces } from './nonces.ts';

/**
 * Stores values that must not be used twice, until they expire. Its size is limited: when it is full it reports that, and removes
 * nothing early.
 *
 * @example
 * ```ts
 * const nonces = new NonceMemory();
 * nonces.remember('n1', now + 60_000, now); // 'new'
 * nonces.remember('n1', now + 60_000, now); // 'seen'
 * ```
 */
export class NonceMemory implements Nonces {
  readonly #capacity: number;
  readonly #expiries = new Map<string, number>();

  /** @param capacity nonces at once; default 100,000, which is some 15 MB. */
  constructor(capacity = 100_000) {
    this.#capacity = capacity;
  }

  /** Nonces that are held now. */
  get size(): number {
    return this.#expiries.size;
  }

  /**
   * @param expires ms since the epoch from which on the nonce needn't be known.
   * @param now ms since the epoch.
   */
  remember(nonce: string, expires: number, now: number): 'new' | 'seen' | 'full' {
    const known = this.#expiries.get(nonce);
    if (known !== undefined && known > now) return 'seen';
    if (this.#expiries.size >= this.#capacity) this.#forget(now);
    if (this.#expiries.size >= this.#capacity) return 'full';
    this.#expiries.set(nonce, expires);
    return 'new';
  }

  #forget(now: number): void {
    for (const [nonce, expires] of this.#expiries) if (expires <= now) this.#expiries.delete(nonce);
  }
}
