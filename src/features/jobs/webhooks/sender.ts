import type { DeliveryFault } from './types.ts';

/** A message to a receiver. */
export interface Message {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Checked addresses of the host; a sender connects to these without another lookup, if it can. */
  readonly addresses: readonly string[];
  /** Aborts at the timeout. */
  readonly signal: AbortSignal;
}

/** The answer of a receiver. */
export interface Receipt {
  readonly status: number;
  readonly retryAfter?: string;
}

/** Posts a message without following redirects. Throws if there is no answer. */
export type Sender = (message: Message) => Promise<Receipt>;

/** Bytes of an answer that are read and discarded. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** Longest Retry-After that is obeyed, in ms. */
const MOST_RETRY_AFTER_MS = 3_600_000;

/**
 * A {@link Sender} for Workers, by the platform's `fetch`, which resolves names itself and cannot reach private networks, so that
 * `addresses` only decides whether to send.
 */
export function fetchSender(fetchLike: typeof fetch): Sender {
  return async ({ url, headers, body, signal }) => {
    const response = await fetchLike(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    // Only the status matters; an answer that breaks off later is ignored.
    await drain(response.body).catch(() => {});
    return { status: response.status, retryAfter: response.headers.get('retry-after') ?? undefined };
  };
}

async function drain(body: ReadableStream<Uint8Array> | null): Promise<void> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  let left = MAX_ANSWER_BYTES;
  while (left > 0) {
    const { done, value } = await reader.read();
    if (done) return;
    left -= value.byteLength;
  }
  await reader.cancel();
}

/** The fault of an answer; `undefined` for success. */
export function faultOf(status: number): DeliveryFault | undefined {
  if (status >= 200 && status < 300) return undefined;
  return status >= 300 && status < 400 ? 'redirect' : 'status';
}

/** Parses `Retry-After` (seconds or a date) to ms, at most an hour. */
export function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const text = value.trim();
  // Date.parse accepts more than HTTP dates, such as "-7".
  const date = text.endsWith(' GMT') ? Date.parse(text) - now : 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : date;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MOST_RETRY_AFTER_MS);
}
