import { isFinal } from './machine.ts';
import type { JobStore } from './stores/store.ts';

const utf8 = new TextEncoder();

/** When an event stream ends before its job. */
export interface Leave {
  readonly signal: AbortSignal;
  /** Aborts when the server shuts down. The client reconnects and continues. */
  readonly draining?: () => boolean;
}

/** Streams a job's events after `after` as server-sent events, until the job ends, the client disconnects or the server shuts down. */
export function followJob(
  store: JobStore,
  id: string,
  after: number,
  { signal, draining }: Leave,
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  let last = after;
  let ended = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (ended || stop.aborted) return controller.close();
        const events = await store.events(id, last, stop).catch((error: unknown) => {
          // The store cannot answer a client that has left, which is no failure.
          if (stop.aborted) return [];
          throw error;
        });
        // A cancelled stream has no controller to close.
        if (left.signal.aborted) return;
        if (stop.aborted) return controller.close();
        // Proxies close idle connections.
        const lines = events.length === 0 ? [': still here\n\n'] : [];
        for (const { id: number, type, at, done, steps } of events) {
          last = number;
          const data = { job: id, state: type === 'progress' ? 'running' : type, done, total: steps, at };
          lines.push(`id: ${number}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
        }
        controller.enqueue(utf8.encode(lines.join('')));
        // A failed job may be retried and has more events then.
        const newest = events.at(-1);
        const job = newest && newest.type !== 'progress' ? await store.find(id) : null;
        ended = draining?.() || (job !== null && isFinal(job.state) && last >= job.events);
      },
      cancel: () => left.abort(),
    },
    { highWaterMark: 0 },
  );
}
