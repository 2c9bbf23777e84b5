/** Runs jobs one after another. A job whose signal aborts before its turn never starts. */
export type CallQueue = <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * Makes a queue that runs one job at a time, in order of arrival.
 *
 * The caller that finds the queue idle runs the jobs of all later callers. A chain of promises would be shorter. But in workerd each
 * promise belongs to the request that made it: when that client disconnects, its promise never resolves, and every later request would wait
 * for ever.
 */
export function createCallQueue(): CallQueue {
  const waiting: (() => Promise<void>)[] = [];
  let busy = false;

  async function drain() {
    busy = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
    busy = false;
  }

  return <T>(job: () => Promise<T>, signal?: AbortSignal) =>
    new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const start = async () => {
        signal?.removeEventListener('abort', leave);
        try {
          resolve(await job());
        } catch (error) {
          reject(error);
        }
      };
      const leave = () => {
        const place = waiting.indexOf(start);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(start);
      if (!busy) void drain();
    });
}
