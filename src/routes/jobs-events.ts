import { isFinal } from '../jobs/machine.ts';
import type { JobStore } from '../jobs/store.ts';

const utf8 = new TextEncoder();

/** Writes a job's events after `after` as server-sent events, until the job or the signal ends. */
export function followJob(
  store: JobStore,
  id: string,
  after: number,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  let last = after;
  let ended = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (ended || stop.aborted) return controller.close();
        const events = await store.events(id, last, stop);
        if (stop.aborted) return controller.close();
        // Proxies end connections on which nothing comes.
        const lines = events.length === 0 ? [': still here\n\n'] : [];
        for (const { id: number, type, at, done, steps } of events) {
          last = number;
          const data = { job: id, state: type === 'progress' ? 'running' : type, done, total: steps, at };
          lines.push(`id: ${number}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
        }
        controller.enqueue(utf8.encode(lines.join('')));
        // A failed job that was tried again has more to tell.
        const newest = events.at(-1);
        const job = newest && newest.type !== 'progress' ? await store.find(id) : null;
        ended = job !== null && isFinal(job.state) && last >= job.events;
      },
      cancel: () => left.abort(),
    },
    { highWaterMark: 0 },
  );
}
