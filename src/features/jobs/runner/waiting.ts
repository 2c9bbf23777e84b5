/** ms for which one who waits for an event of a job waits at most: then it looks again. */
export const WAIT_MS = 15_000;

/** Those of this process who wait for something to happen to a job. */
export class Waiting {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Waits for {@link wake}, the signal, or until the time is over. */
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

  /** Lets all go who wait for this job. */
  wake(id: string): void {
    for (const end of [...(this.#waiting.get(id) ?? [])]) end();
  }
}
