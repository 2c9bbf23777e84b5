/** When a {@link CircuitBreaker} opens and closes. */
export interface BreakerOptions {
  /** Failures in a row that open it; default 3. */
  readonly failures?: number;
  /** Milliseconds that it stays open at first; default 1000. Doubles with each trial that fails. */
  readonly openMs?: number;
  /** Most milliseconds that it stays open; default 60,000. */
  readonly openMsAtMost?: number;
}

/** `closed`: all may pass. `open`: nobody may. `half-open`: one may try. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Keeps requests from a server that fails, and lets one at a time try whether it still does. Times are ms of any clock that goes on.
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
  /** A trial that nobody has told the end of is taken for lost at this time. */
  #trialUntil = Number.NEGATIVE_INFINITY;

  constructor({ failures = 3, openMs = 1_000, openMsAtMost = 60_000 }: BreakerOptions = {}) {
    this.#failuresToOpen = failures;
    this.#openMs = openMs;
    this.#openMsAtMost = openMsAtMost;
  }

  /** How it stands at `now`. */
  state(now: number): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return now < this.#openUntil ? 'open' : 'half-open';
  }

  /** May a request pass? In `half-open` only one may at a time. */
  allows(now: number): boolean {
    const state = this.state(now);
    return state === 'closed' || (state === 'half-open' && now >= this.#trialUntil);
  }

  /** A request passes: in `half-open` it is the trial. */
  began(now: number): void {
    if (this.state(now) === 'half-open') this.#trialUntil = now + this.#openMsAtMost;
  }

  /** A request was answered. */
  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#openUntil = undefined;
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }

  /** A request failed by the server's fault. */
  failed(now: number): void {
    const state = this.state(now);
    // Whatever began before it opened tells nothing new.
    if (state === 'open') return;
    this.#failures++;
    if (state === 'half-open' || this.#failures >= this.#failuresToOpen) this.trip(now);
  }

  /** Opens it at once: the server itself has said that it can't serve. */
  trip(now: number): void {
    if (this.state(now) === 'open') return;
    this.#openUntil = now + Math.min(this.#openMs * 2 ** this.#openings, this.#openMsAtMost);
    this.#openings = Math.min(this.#openings + 1, 30);
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }

  /** A request ended without telling anything of the server: its client went away. */
  abandoned(): void {
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }
}
