import type { Context } from 'hono';
import { SoriError } from '../base/errors.ts';
import type { AppEnv } from '../http/context.ts';
import { keepAlive } from '../http/keep-alive.ts';
import { withLength } from '../http/stream.ts';
import { estimateCost, type Work } from './cost.ts';
import type { OriginPool } from './origin-pool.ts';

/** ms that an origin has for its first byte, besides the work itself. */
const ANSWER_MS = 15_000;
/** What of an origin may fail without the request failing, where it fits the edge. */
const ORIGIN_FAULTS: ReadonlySet<string> = new Set(['origin_unavailable', 'origin_failed']);

/** Was it the origin's fault? Then what fits is done at the edge. */
export function isOriginFault(error: unknown): boolean {
  return error instanceof SoriError && ORIGIN_FAULTS.has(error.code);
}

/** Where the first byte waits for the last sample, so does the edge. */
export function answerMsOf(work: Work): number {
  return work.whole || work.referenceSeconds > 0 ? ANSWER_MS + 2 * estimateCost(work).cpuMs : ANSWER_MS;
}

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
  readonly onAnswer?: (status: number, headers: Headers, origin: string) => void;
  /** Told of each piece of a good answer as it is passed on. */
  readonly onPiece?: (piece: Uint8Array) => void;
  /** Told once, when the answer has been passed on or won't be. */
  readonly onEnd?: (outcome: 'whole' | 'broken' | 'left') => void;
}

/**
 * Has an origin answer a request, and passes its answer on as it comes.
 * @throws {SoriError} `origin_unavailable`, `origin_failed`.
 */
export async function handOver(c: Context<AppEnv>, given: HandOver): Promise<Response> {
  const { pool, body, signal, reason, answerMs, accepts, onAnswer, onPiece, onEnd } = given;
  const account = c.get('account');
  let ended = () => {};
  const rest = new Promise<void>((resolve) => (ended = resolve));
  const headers = new Headers(c.req.raw.headers);
  headers.set('x-request-id', c.get('requestId'));
  const request = new Request(c.req.raw.url, { method: c.req.method, headers, body });
  const started = performance.now();
  let origin = '';
  const response = await pool.forward(request, {
    signal,
    caller: c.get('caller').id,
    answerMs,
    accepts,
    // The same request gives the same answer, and nothing more than that.
    repeatable: true,
    keepAlive: (work) => keepAlive(c, work),
    onAnswer: (url) => {
      origin = url;
    },
    onPiece,
    onEnd: (outcome) => {
      onEnd?.(outcome);
      ended();
    },
  });
  const { status } = response;
  const passed = response.headers;
  onAnswer?.(status, passed, origin);
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
