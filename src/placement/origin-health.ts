import type { CircuitBreaker } from './circuit-breaker.ts';
import { unavailable } from './origin-answer.ts';
import type { OriginAddress } from './origin-list.ts';
import type { OriginPoolOptions } from './origin-options.ts';

/** A server that work is handed to, and what is known of it. */
export interface Origin extends OriginAddress {
  readonly breaker: CircuitBreaker;
  /** When it was last asked how it is. */
  checkedAt: number;
  /**
   * By model, what besides a request decides the cache key of its speech there (`edition` of `GET /readyz`), as it said when it was last
   * ready. Empty where it has not said it.
   */
  editions: ReadonlyMap<string, string>;
  /** When it was last asked for them in vain. */
  silentAt: number;
}

type Options = Pick<OriginPoolOptions, 'healthMs' | 'healthTimeoutMs' | 'onFault'> &
  Required<Pick<OriginPoolOptions, 'fetch' | 'now'>>;

/** Bytes of an answer that are read. */
const MOST_BYTES = 256 * 1024;
const EDITION = /^[\w.:+-]{1,256}$/;

/** Asks origins how they are. */
export class OriginHealth {
  readonly #options: Options;
  readonly #everyMs: number;

  constructor(options: Options) {
    this.#options = options;
    this.#everyMs = options.healthMs ?? 10_000;
  }

  /** Asks an origin that has not been asked for a while, unless it is left alone; nobody need wait for it. */
  recheck(origin: Origin): Promise<void> | undefined {
    const now = this.#options.now();
    if (origin.breaker.state(now) !== 'closed' || now - origin.checkedAt < this.#everyMs) return undefined;
    return this.isReady(origin).then((ready) => {
      if (ready) return;
      origin.breaker.trip(this.#options.now());
      this.#options.onFault?.(origin.url, unavailable('It is not ready.'));
    });
  }

  /** Has an origin say its editions that has not said them yet. */
  async learn(origin: Origin, needed: boolean): Promise<void> {
    const now = this.#options.now();
    const due = needed || now - origin.silentAt >= this.#everyMs;
    if (origin.editions.size > 0 || !due || !origin.breaker.allows(now)) return;
    await this.isReady(origin);
    if (origin.editions.size === 0) origin.silentAt = this.#options.now();
  }

  /** Never throws. */
  async isReady(origin: Origin): Promise<boolean> {
    const { fetch, now, healthTimeoutMs = 5_000 } = this.#options;
    origin.checkedAt = now();
    try {
      const signal = AbortSignal.timeout(healthTimeoutMs);
      const response = await fetch(`${origin.url}/readyz`, { signal, redirect: 'manual' });
      const ready = response.status === 200;
      const editions = await readEditions(response);
      // Whatever it was when it worked is what its audio was kept under.
      if (ready && editions.size > 0) origin.editions = editions;
      return ready;
    } catch {
      return false;
    }
  }
}

/** What can't be read says nothing of editions. */
async function readEditions(response: Response): Promise<ReadonlyMap<string, string>> {
  const editions = new Map<string, string>();
  const length = Number(response.headers.get('content-length') ?? 0);
  const json = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  if (!json || length > MOST_BYTES) {
    await response.body?.cancel().catch(() => {});
    return editions;
  }
  try {
    const { models } = (await response.json()) as { models?: unknown };
    for (const one of Array.isArray(models) ? models : []) {
      const { model, edition } = (one ?? {}) as { model?: unknown; edition?: unknown };
      if (typeof model !== 'string' || typeof edition !== 'string' || !EDITION.test(edition)) continue;
      editions.set(model, edition);
    }
  } catch {
    // An origin of another kind, or an older one.
  }
  return editions;
}
