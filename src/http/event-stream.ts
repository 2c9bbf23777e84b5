import type { Context } from 'hono';
import type { AppEnv } from './context.ts';
import { lateFailureLog } from './errors.ts';
import { keepAlive } from './keep-alive.ts';
import { pullStream } from './stream.ts';

/** A client that does not read for so long is disconnected. */
const STALL_MS = 60_000;

/** Makes server-sent events. A failure after the first event goes to `onFailure`. */
export type EventSource = (onFailure: (error: unknown) => void) => AsyncGenerator<Uint8Array, void>;

/**
 * Answers with server-sent events. Waits for the first one, so that a failure before it is an error response with a status.
 * @param work aborted when the client disconnects or stops reading.
 * @param onEnd called once when the stream ends, whatever ends it.
 * @throws what `eventsOf` throws before its first event.
 */
export async function eventStream(
  c: Context<AppEnv>,
  eventsOf: EventSource,
  work: AbortController,
  onEnd: () => void,
): Promise<Response> {
  const onFailure = lateFailureLog(c, work);
  const events = eventsOf(onFailure);
  const first = await events.next();
  let onRest = () => {};
  const rest = new Promise<void>((resolve) => (onRest = resolve));
  keepAlive(c, rest);
  c.get('account').ended = rest;
  const stream = pullStream(events, { first, work, stallMs: STALL_MS, onFailure, onEnd, onRest });
  return c.body(stream, 200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
}
