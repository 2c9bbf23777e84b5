import type { Context } from 'hono';
import type { OriginPool } from '../engine/dispatch/origin-pool.ts';
import type { AppEnv } from './context.ts';
import { keepAlive } from './keep-alive.ts';
import { withLength } from './speech-stream.ts';

/** How a request is handed over for a route. */
export interface HandOver {
  readonly pool: OriginPool;
  /** What to send, where it isn't the request as it came. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly reason: string;
  /** ms until the first byte must be there. */
  readonly answerMs: number;
  readonly accepts: (type: string) => boolean;
  /** Told once, as soon as it is known whether the work was done and who paid for it. */
  readonly onAnswer?: (status: number, cache: string | null) => void;
  /** Told once, when the answer has been passed on or won't be. */
  readonly onEnd?: (outcome: 'whole' | 'broken' | 'left') => void;
}

/**
 * Has an origin answer a request, and passes its answer on as it comes.
 * @throws {SoriError} `origin_unavailable`, `origin_failed`.
 */
export async function handOver(c: Context<AppEnv>, given: HandOver): Promise<Response> {
  const { pool, body, signal, reason, answerMs, accepts, onAnswer, onEnd } = given;
  const account = c.get('account');
  let ended = () => {};
  const rest = new Promise<void>((resolve) => (ended = resolve));
  const headers = new Headers(c.req.raw.headers);
  headers.set('x-request-id', c.get('requestId'));
  const request = new Request(c.req.raw.url, { method: c.req.method, headers, body });
  const started = performance.now();
  const response = await pool.forward(request, {
    signal,
    caller: c.get('caller').id,
    answerMs,
    accepts,
    // The same request gives the same answer, and nothing more than that.
    repeatable: true,
    keepAlive: (work) => keepAlive(c, work),
    onEnd: (outcome) => {
      onEnd?.(outcome);
      ended();
    },
  });
  const { status } = response;
  const passed = response.headers;
  onAnswer?.(status, passed.get('x-cache'));
  passed.set('X-Sori-Placed', `origin; reason=${reason}`);
  const timing = `origin;dur=${(performance.now() - started).toFixed(1)}`;
  passed.append('Server-Timing', timing);
  if (!response.ok || response.body === null) {
    const bytes = await response.bytes();
    account.error = codeOf(bytes);
    return new Response(bytes, { status, headers: passed });
  }
  account.ended = rest;
  keepAlive(c, rest);
  const length = passed.get('content-length');
  const stream = length === null ? response.body : withLength(response.body, Number(length));
  return new Response(stream, { status, headers: passed });
}

function codeOf(bytes: Uint8Array): string | undefined {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}
