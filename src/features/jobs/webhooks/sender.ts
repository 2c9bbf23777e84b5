import type { DeliveryFault } from './types.ts';

/** A message to a receiver. */
export interface Message {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Addresses that were found fit for the host: a sender connects to these and asks no name server again, where it can. */
  readonly addresses: readonly string[];
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
}

/** What a receiver answered. */
export interface Receipt {
  readonly status: number;
  readonly retryAfter?: string;
}

/** Posts a message and follows no redirect. Throws if there is no answer. */
export type Sender = (message: Message) => Promise<Receipt>;

/** Bytes of an answer that are read, so that its receiver sees it leave; there is nothing in them to be known. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** A receiver that asks to be left alone for longer is asked again all the same, ms. */
const MOST_RETRY_AFTER_MS = 3_600_000;

/**
 * A {@link Sender} for Workers, by the platform's `fetch`: it resolves names itself, out of reach of any private network, so that
 * `addresses` only decided whether to send at all.
 */
export function fetchSender(fetchLike: typeof fetch): Sender {
  return async ({ url, headers, body, signal }) => {
    const response = await fetchLike(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    // The status is what counts; an answer that breaks off after it changes nothing.
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

/** What is wrong with an answer; `undefined` if nothing is. */
export function faultOf(status: number): DeliveryFault | undefined {
  if (status >= 200 && status < 300) return undefined;
  return status >= 300 && status < 400 ? 'redirect' : 'status';
}

/** ms that a `Retry-After` asks for: seconds or a date; an hour at most. */
export function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const text = value.trim();
  // Date.parse takes more for dates than HTTP does, "-7" among it.
  const date = text.endsWith(' GMT') ? Date.parse(text) - now : 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : date;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MOST_RETRY_AFTER_MS);
}
