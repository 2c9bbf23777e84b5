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
