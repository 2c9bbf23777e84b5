/** Long work that stops between two parts of it, so that the event loop can have a turn. It returns its result. */
export type Work<T> = Generator<void, T, void>;

/** Ends the current turn of the event loop, so that waiting events, such as a client's disconnect, are delivered. */
export function nextTurn(): Promise<void> {
  // Browsers have no setImmediate; a timer takes a millisecond and more.
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** Does all of the work without a pause. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * Does work part by part, each in its own turn of the event loop.
 * @throws the signal's reason; what the work throws.
 */
export async function inTurns<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await nextTurn();
    signal?.throwIfAborted();
  }
}

/** Limits how many pieces of work start in one turn of the event loop, for requests that arrive together. */
export class TurnLimit {
  readonly #most: number;
  #turn = { started: 0 };

  /** @param most pieces of work that may start in one turn. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Waits for a turn in which fewer have started. It never waits for what another request does, which may end at any time. */
  async start(): Promise<void> {
    while (this.#turn.started >= this.#most) {
      const full = this.#turn;
      await nextTurn();
      // The first that continues in the next turn begins a new count.
      if (this.#turn === full) this.#turn = { started: 0 };
    }
    this.#turn.started++;
  }
}
