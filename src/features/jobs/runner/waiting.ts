/** Longest wait in ms before the events are read again. */
export const WAIT_MS = 15_000;

/** Waiters of this process for events of jobs. */
export class Waiting {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Waits for {@link wake}, the signal or the timeout. */
  wait(id: string, ms = WAIT_MS, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const all = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, all);
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        all.delete(end);
        if (all.size === 0 && this.#waiting.get(id) === all) this.#waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(end, ms);
      all.add(end);
      signal?.addEventListener('abort', end);
      if (signal?.aborted) end();
    });
  }

  /** Wakes all waiters of a job. */
  wake(id: string): void {
    for (const end of [...(this.#waiting.get(id) ?? [])]) end();
  }
}
