/** When a {@link CircuitBreaker} opens and closes. */
export interface BreakerOptions {
  /** Failures in a row that open it; default 3. */
  readonly failures?: number;
  /** Milliseconds that it stays open at first; default 1000. Doubles with each trial that fails. */
  readonly openMs?: number;
  /** Longest time that it stays open, in milliseconds; default 60,000. */
  readonly openMsAtMost?: number;
}

/** `closed`: all requests pass. `open`: no request passes. `half-open`: one trial request passes. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Stops requests to a server that fails, and lets one trial at a time check whether it works again. Times are ms of any monotonic clock.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker();
 * if (breaker.allows(now)) breaker.began(now);
 * ```
 */
export class CircuitBreaker {
  readonly #failuresToOpen: number;
  readonly #openMs: number;
  readonly #openMsAtMost: number;
  #failures = 0;
  #openings = 0;
  #openUntil: number | undefined;
  /** At this time a trial without a reported result counts as lost. */
  #trialUntil = Number.NEGATIVE_INFINITY;

  constructor({ failures = 3, openMs = 1_000, openMsAtMost = 60_000 }: BreakerOptions = {}) {
    this.#failuresToOpen = failures;
    this.#openMs = openMs;
    this.#openMsAtMost = openMsAtMost;
  }

  /** The state at `now`. */
  state(now: number): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return now < this.#openUntil ? 'open' : 'half-open';
  }

  /** Whether a request may pass. In `half-open` one may at a time. */
  allows(now: number): boolean {
    const state = this.state(now);
    return state === 'closed' || (state === 'half-open' && now >= this.#trialUntil);
  }

  /** Records that a request was sent; in `half-open` it is the trial. */
  began(now: number): void {
    if (this.state(now) === 'half-open') this.#trialUntil = now + this.#openMsAtMost;
  }

  /** Records that a request was answered. */
  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#openUntil = undefined;
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }

  /** Records that a request failed because of the server. */
  failed(now: number): void {
    const state = this.state(now);
    // Requests that began before the breaker opened do not show the current state of the server.
    if (state === 'open') return;
    this.#failures++;
    if (state === 'half-open' || this.#failures >= this.#failuresToOpen) this.trip(now);
  }

  /** Opens the breaker at once, because the server reported that it cannot serve. */
  trip(now: number): void {
    if (this.state(now) === 'open') return;
    this.#openUntil = now + Math.min(this.#openMs * 2 ** this.#openings, this.#openMsAtMost);
    this.#openings = Math.min(this.#openings + 1, 30);
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }

  /** Records that a request ended without a result, because its client disconnected. */
  abandoned(): void {
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }
}
