import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../config.ts';
import { ConnectionError } from '../failures.ts';
import { isEnded, type Job, jobPath, readJob } from './job.ts';

/** Milliseconds before a stream that has ended is opened again. */
const RECONNECT_MS = 1000;

/** Content of a job's event. */
interface JobEvent {
  readonly state: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Follows a job's events until it ends. A stream that breaks off is continued after its last event.
 * @throws {RequestError} when the server refuses.
 */
export async function watchJob(
  { client, signal }: Pick<Session, 'client' | 'signal'>,
  id: string,
  onEvent: (event: JobEvent) => void,
): Promise<Job> {
  let last = '0';
  for (;;) {
    const job = await readJob(client, id);
    if (isEnded(job)) return job;
    try {
      const response = await client.request('GET', jobPath(id, '/events'), {
        headers: { 'Last-Event-ID': last, Accept: 'text/event-stream' },
      });
      for await (const { event, data } of eventsOf(response)) {
        last = event;
        onEvent(data);
      }
    } catch (error) {
      signal.throwIfAborted();
      // The connection broke; the job continues.
      if (!(error instanceof TypeError || error instanceof ConnectionError || isTimeout(error))) throw error;
    }
    await sleep(RECONNECT_MS, undefined, { signal });
  }
}

const isTimeout = (error: unknown) => error instanceof DOMException && error.name === 'TimeoutError';

/** Parses server-sent events. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: JobEvent }> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const [event, data] = [field('id'), field('data')];
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) as JobEvent };
    }
  }
}
