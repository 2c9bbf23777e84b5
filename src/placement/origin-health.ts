import type { CircuitBreaker } from './circuit-breaker.ts';
import { unavailable } from './origin-answer.ts';
import type { OriginAddress } from './origin-list.ts';
import type { OriginPoolOptions } from './origin-options.ts';

/** An origin and its last known state. */
export interface Origin extends OriginAddress {
  readonly breaker: CircuitBreaker;
  /** When its readiness was last requested. */
  checkedAt: number;
  /**
   * By model, the part of cache keys that does not depend on the request (`edition` of `GET /readyz`), from when the origin was last ready.
   * Empty if it is not known.
   */
  editions: ReadonlyMap<string, string>;
  /** Time of the last failed query for them. */
  silentAt: number;
}

type Options = Pick<OriginPoolOptions, 'healthMs' | 'healthTimeoutMs' | 'onFault'> &
  Required<Pick<OriginPoolOptions, 'fetch' | 'now'>>;

/** Bytes of an answer that are read. */
const MOST_BYTES = 256 * 1024;
const EDITION = /^[\w.:+-]{1,256}$/;

/** Checks the readiness of origins. */
export class OriginHealth {
  readonly #options: Options;
  readonly #everyMs: number;

  constructor(options: Options) {
    this.#options = options;
    this.#everyMs = options.healthMs ?? 10_000;
  }

  /** Checks an origin if its last check is old and its breaker is not open. Callers need not await it. */
  recheck(origin: Origin): Promise<void> | undefined {
    const now = this.#options.now();
    if (origin.breaker.state(now) !== 'closed' || now - origin.checkedAt < this.#everyMs) return undefined;
    return this.isReady(origin).then((ready) => {
      if (ready) return;
      origin.breaker.trip(this.#options.now());
      this.#options.onFault?.(origin.url, unavailable('It is not ready.'));
    });
  }

  /** Requests the editions of an origin that are not known yet. */
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
      // Keep the last known editions: stored audio has keys of those.
      if (ready && editions.size > 0) origin.editions = editions;
      return ready;
    } catch {
      return false;
    }
  }
}

/** An unreadable answer has no editions. */
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
    // The answer is of another kind of server or of an older version.
  }
  return editions;
}
