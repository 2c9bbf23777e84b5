import type { BreakerOptions } from './circuit-breaker.ts';
import type { OriginAddress } from './origin-list.ts';

/** A request as {@link OriginPoolOptions.sign} sees it. */
export interface UnsignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Uint8Array;
  /** Id of the caller that the edge has let in. */
  readonly caller: string;
  /** ms since the epoch. */
  readonly now: number;
}

/** What an {@link OriginPool} is made of. */
export interface OriginPoolOptions {
  readonly origins: readonly OriginAddress[];
  /** Headers that prove to an origin who asks; each attempt is signed anew. */
  readonly sign: (request: UnsignedRequest) => Promise<Record<string, string>>;
  /** Default: the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
  /** 0 to 1; default: chance. */
  readonly random?: () => number;
  readonly breaker?: BreakerOptions;
  /** ms after which an origin that is used is asked again whether it is ready; default 10,000. */
  readonly healthMs?: number;
  /** ms that it may take to say so; default 5000. */
  readonly healthTimeoutMs?: number;
  /** ms until another origin is asked beside the first, and the quicker one is heard; default: never. */
  readonly hedgeMs?: number;
  /** Told of every failure: for a log. */
  readonly onFault?: (origin: string, error: unknown) => void;
}

/** How a request is handed over. */
export interface ForwardOptions {
  readonly signal: AbortSignal;
  /** Id of the caller that the edge has let in; default `local`. */
  readonly caller?: string;
  /** ms until the first byte of an answer must be there; default 15,000. */
  readonly answerMs?: number;
  /** ms that an answer may stand still while somebody reads; default 30,000. */
  readonly idleMs?: number;
  /** May it be asked twice? Default: as its method says. */
  readonly repeatable?: boolean;
  /** What the type of a success must be; default: anything that the API answers. */
  readonly accepts?: (type: string) => boolean;
  /** Lets a check of an origin's health end after the request has. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** Asks this origin and no other. */
  readonly only?: string;
  /** Told which origin's answer is passed on, and its headers as they came, those for the edge alone included. */
  readonly onAnswer?: (origin: string, headers: Headers) => void;
  /** Told of each piece of a good answer's body as it is passed on. */
  readonly onPiece?: (piece: Uint8Array) => void;
  /** Told once when the body of the answer has been passed on, or won't be. */
  readonly onEnd?: (outcome: 'whole' | 'broken' | 'left') => void;
}
