import type { ServerResponse } from 'node:http';

/** Tracks the work of a process, so that it can shut down when all of it is done. */
export class Drain {
  #open = 0;
  #ending = false;
  readonly #work = new Set<Promise<unknown>>();
  #settle: () => void = () => {};

  /** Whether the process is shutting down. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Requests being answered. */
  get open(): number {
    return this.#open;
  }

  /** Tracks a request until its answer is sent or its client disconnects. */
  enter(response: ServerResponse): void {
    this.#open++;
    response.once('close', () => {
      this.#open--;
      this.#check();
    });
  }

  /** Tracks work that continues after its request's answer. */
  keep(work: Promise<unknown>): void {
    const done = () => {
      this.#work.delete(work);
      this.#check();
    };
    this.#work.add(work);
    work.then(done, done);
  }

  /** From now on the process is about to end. Returns when nothing is under way any more. */
  async end(): Promise<void> {
    this.#ending = true;
    const done = new Promise<void>((resolve) => (this.#settle = resolve));
    this.#check();
    await done;
  }

  #check(): void {
    if (this.#ending && this.#open === 0 && this.#work.size === 0) this.#settle();
  }
}

/** An execution context for Hono. The process does not end before its work. */
export function contextOf(drain: Drain): ExecutionContext {
  const context = {
    waitUntil: (work: Promise<unknown>) => drain.keep(work),
    passThroughOnException: () => {},
    props: {},
  };
  return context as ExecutionContext;
}
