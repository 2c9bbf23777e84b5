/**
 * Lets requests wait for what other requests change.
 *
 * In workerd a request must not settle a promise that another request waits for. The runtime may lose the wake-up, so that the request never
 * continues, or continue it in the context of the other request, whose end also ends its timers. With workerd 2026-10-23 this happens after
 * some 15,000 waits, when V8 has optimized the code that waits (not with `--no-turbofan`). So in workerd each request checks for changes with
 * a timer of its own. In other runtimes the requests wake each other.
 */
export class Changes {
  readonly #pollMs: number | undefined;
  #waiting = new Set<() => void>();

  /** @param pollMs milliseconds between two looks, in workerd; `undefined` elsewhere. */
  constructor(pollMs?: number) {
    this.#pollMs = pollMs;
  }

  /** Whether requests look for changes with a timer. */
  get polled(): boolean {
    return this.#pollMs !== undefined;
  }

  /**
   * Resolves when something may have changed. It does not throw when the signal aborts: the caller looks at it.
   * @param factor multiplies the time until the next look, for a request that cannot continue soon. It has no effect where requests wake each
   *   other.
   */
  next(signal?: AbortSignal, factor = 1): Promise<void> {
    return new Promise((resolve) => {
      if (this.#pollMs !== undefined) {
        setTimeout(resolve, this.#pollMs * factor);
        return;
      }
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Wakes all that wait. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
