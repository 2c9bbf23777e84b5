import type { BreakerOptions } from './circuit-breaker.ts';
import type { OriginAddress } from './origin-list.ts';

/** The parts of a request that {@link OriginPoolOptions.sign} signs. */
export interface UnsignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Uint8Array;
  /** Id of the caller that the edge authenticated. */
  readonly caller: string;
  /** ms since the epoch. */
  readonly now: number;
}

/** Options of an {@link OriginPool}. */
export interface OriginPoolOptions {
  readonly origins: readonly OriginAddress[];
  /** Makes the headers that authenticate this edge; called for each attempt. */
  readonly sign: (request: UnsignedRequest) => Promise<Record<string, string>>;
  /** Default: the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
  /** A random number from 0 to 1; default: `Math.random`. */
  readonly random?: () => number;
  readonly breaker?: BreakerOptions;
  /** ms between readiness checks of an origin in use; default 10,000. */
  readonly healthMs?: number;
  /** ms that a readiness check may take; default 5000. */
  readonly healthTimeoutMs?: number;
  /** ms until a request is also sent to a second origin; the first answer is used. Default: never. */
  readonly hedgeMs?: number;
  /** Called with every failure, for a log. */
  readonly onFault?: (origin: string, error: unknown) => void;
}

/** How a request is forwarded. */
export interface ForwardOptions {
  readonly signal: AbortSignal;
  /** Id of the caller that the edge authenticated; default `local`. */
  readonly caller?: string;
  /** ms until the first byte of an answer must arrive; default 15,000. */
  readonly answerMs?: number;
  /** ms without data after which an answer counts as broken while its client reads; default 30,000. */
  readonly idleMs?: number;
  /** Whether the request may be sent twice; default: by its method. */
  readonly repeatable?: boolean;
  /** Expected content type of a success. Default: any type of the API. */
  readonly accepts?: (type: string) => boolean;
  /** Keeps a readiness check running after the request has ended. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** Uses only this origin. */
  readonly only?: string;
  /** Called with the origin whose answer is passed on and its original headers. */
  readonly onAnswer?: (origin: string, headers: Headers) => void;
  /** Called with each piece of a successful answer's body as it is passed on. */
  readonly onPiece?: (piece: Uint8Array) => void;
  /** Called once when the body of the answer has ended. */
  readonly onEnd?: (outcome: 'whole' | 'broken' | 'left') => void;
}
