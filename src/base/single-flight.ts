import { SoriError } from './errors.ts';

/** How shared work is kept from hanging. */
export interface SingleFlightOptions {
  /** Milliseconds that one caller waits before it gives the work up as stuck; 60,000 when not given. */
  readonly timeoutMs?: number;
  /**
   * Told of all work that is started. A Worker passes `waitUntil`, or the work would die with the request that started it
   * while other requests wait for it.
   */
  readonly keepAlive?: (work: Promise<unknown>) => void;
}

/** Starts work under a key, or joins the work under way there. */
export type SingleFlight = <T>(
  key: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

interface Flight {
  readonly result: Promise<unknown>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Makes concurrent callers share work. Nothing is remembered once the work ends, well or badly.
 *
 * A caller whose signal aborts leaves alone; when the last one leaves, the work's own signal aborts. Work that outlasts a
 * caller's patience is dropped, with {@link SoriError} `model_unavailable` for that caller, so that the next call starts anew.
 */
export function createSingleFlight(options: SingleFlightOptions = {}): SingleFlight {
  const { timeoutMs = 60_000, keepAlive } = options;
  const flights = new Map<string, Flight>();

  function start(key: string, work: (signal: AbortSignal) => Promise<unknown>): Flight {
    const controller = new AbortController();
    const result = work(controller.signal);
    const flight: Flight = { result, controller, waiting: 0 };
    flights.set(key, flight);
    const done = () => forget(key, flight);
    const ended = result.then(done, done);
    keepAlive?.(ended);
    return flight;
  }

  function forget(key: string, flight: Flight) {
    if (flights.get(key) === flight) flights.delete(key);
  }

  return <T>(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal) =>
    new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const flight = flights.get(key) ?? start(key, work);
      flight.waiting++;

      const settle = (finish: () => void) => {
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
      flight.result.then(
        (value) => settle(() => resolve(value as T)),
        (error) => settle(() => reject(error)),
      );
    });
}
