import type { Context } from 'hono';
import { SoriError } from '../base/errors.ts';
import type { AppEnv } from '../http/context.ts';
import { keepAlive } from '../http/keep-alive.ts';
import { withLength } from '../http/stream.ts';
import { estimateCost, type Work } from './cost.ts';
import type { OriginPool } from './origin-pool.ts';

/** ms until an origin's first byte must arrive, in addition to the estimated work. */
const ANSWER_MS = 15_000;
/** Faults of an origin after which the edge does the work itself, if it fits. */
const ORIGIN_FAULTS: ReadonlySet<string> = new Set(['origin_unavailable', 'origin_failed']);

/** Was the origin at fault? Then the edge does the work if it fits. */
export function isOriginFault(error: unknown): boolean {
  return error instanceof SoriError && ORIGIN_FAULTS.has(error.code);
}

/** ms until the first byte of an answer must arrive. Answers that need the whole audio first get more time. */
export function answerMsOf(work: Work): number {
  return work.whole || work.referenceSeconds > 0 ? ANSWER_MS + 2 * estimateCost(work).cpuMs : ANSWER_MS;
}

/** How a route forwards a request to an origin. */
export interface HandOver {
  readonly pool: OriginPool;
  /** The body to send. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly reason: string;
  /** ms until the first byte must arrive. */
  readonly answerMs: number;
  readonly accepts: (type: string) => boolean;
  /** Called once with the status and headers of the answer. */
  readonly onAnswer?: (status: number, headers: Headers, origin: string) => void;
  /** Called with each piece of a successful answer as it is passed on. */
  readonly onPiece?: (piece: Uint8Array) => void;
  /** Called once when the answer has ended: passed on whole, broken off by the origin, or left by the client. */
  readonly onEnd?: (outcome: 'whole' | 'broken' | 'left') => void;
}

/**
 * Forwards a request to an origin and streams its answer to the client.
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
    // A request may be sent twice: it has no side effects and gives the same answer.
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
