import { SoriError } from './errors.ts';

/** Options of a {@link SingleFlight}. */
export interface SingleFlightOptions {
  /** Milliseconds that a caller waits before it gives up the work as stuck; default 60,000. */
  readonly timeoutMs?: number;
  /**
   * Called with all work that is started. A Worker passes `waitUntil`; otherwise the work would end with the request that started it
   * while other requests wait for it.
   */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** Milliseconds between two looks of a joining caller whether the work is done, in workerd (see {@link Changes}). */
  readonly pollMs?: number;
}

/** Starts work under a key, or joins the work that is under way for it. */
export type SingleFlight = <T>(
  key: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

interface Flight {
  readonly result: Promise<unknown>;
  /** The end of the work. */
  outcome?: { readonly value: unknown } | { readonly error: unknown };
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Lets concurrent callers share work. The result is not cached.
 *
 * When the signal of a caller aborts, only this caller stops waiting; when the last caller stops, the work is aborted. Work that takes
 * longer than a caller's timeout is dropped with {@link SoriError} `model_unavailable`, so that the next call starts again.
 */
export function createSingleFlight(options: SingleFlightOptions = {}): SingleFlight {
  const { timeoutMs = 60_000, keepAlive, pollMs } = options;
  const flights = new Map<string, Flight>();

  function start(key: string, work: (signal: AbortSignal) => Promise<unknown>): Flight {
    const controller = new AbortController();
    const result = work(controller.signal);
    const flight: Flight = { result, controller, waiting: 0 };
    flights.set(key, flight);
    const ended = result.then(
      (value) => end(key, flight, { value }),
      (error) => end(key, flight, { error }),
    );
    keepAlive?.(ended);
    return flight;
  }

  function end(key: string, flight: Flight, outcome: Flight['outcome']) {
    flight.outcome = outcome;
    forget(key, flight);
  }

  function forget(key: string, flight: Flight) {
    if (flights.get(key) === flight) flights.delete(key);
  }

  return <T>(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal) =>
    new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const joined = flights.get(key);
      const flight = joined ?? start(key, work);
      flight.waiting++;

      const settle = (finish: () => void) => {
        clearInterval(looking);
        clearTimeout(timer);
        signal?.removeEventListener('abort', leave);
        finish();
      };
      const leave = () => {
        settle(() => reject(signal?.reason));
        if (--flight.waiting > 0) return;
        forget(key, flight);
        flight.controller.abort(signal?.reason);
      };
      const timer = setTimeout(() => {
        const error = new SoriError(
          'model_unavailable',
          `Loading took longer than ${timeoutMs / 1000} s. Try again.`,
        );
        forget(key, flight);
        settle(() => reject(error));
        flight.controller.abort(error);
      }, timeoutMs);
      signal?.addEventListener('abort', leave, { once: true });
      const look = () => {
        const { outcome } = flight;
        if (outcome === undefined) return;
        settle(() => ('value' in outcome ? resolve(outcome.value as T) : reject(outcome.error)));
      };
      const looking = joined && pollMs !== undefined ? setInterval(look, pollMs) : undefined;
      if (looking === undefined) flight.result.then(look, look);
    });
}
