import type { MiddlewareHandler } from 'hono';
import { SoriError } from '../base/errors.ts';
import { SCOPES } from '../http/access.ts';
import { readLimited } from '../http/bodies/body.ts';
import type { AppEnv } from '../http/context.ts';
import { respondError } from '../http/errors.ts';
import type { SigningKeys } from '../http/signed-url.ts';
import { NonceMemory } from './signatures/nonce-memory.ts';
import type { Nonces } from './signatures/nonces.ts';
import { callerOf, verifyRequest } from './signatures/origin-signature.ts';

/** Header that marks a refusal of the edge itself, not of its client. */
const REFUSED_HEADER = 'X-Sori-Refused';
/** Paths that load balancers request without a signature. */
const HEALTH: readonly string[] = ['/healthz', '/readyz'];
/** Largest accepted body, in bytes; routes have lower limits. */
const MAX_SIGNED_BYTES = 64 * 1024 * 1024;

/** How an origin authenticates its edges. */
export interface OriginGuard {
  /** Secrets shared with the edges; a signature by any of them is valid. Absent where a client certificate is enough. */
  readonly keys?: SigningKeys;
  /** Whether the client has shown an edge's certificate. `env` is the platform's. Absent where no certificate is required. */
  readonly certified?: (env: unknown) => boolean;
  /** Further paths that need no signature, such as `/metrics` where only the operator's machines reach the origin. */
  readonly open?: readonly string[];
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
  /** Stores the nonces of earlier requests; default: in the memory of this process. */
  readonly nonces?: Nonces;
}

/**
 * Middleware by which an origin answers only its edges. An edge signs each request with a shared secret, or shows a certificate, or both
 * where both are configured. A signed request is accepted once. The caller is the one that the edge authenticated.
 */
export function guardOrigin(guard: OriginGuard | undefined): MiddlewareHandler<AppEnv> {
  if (guard === undefined) return (_c, next) => next();
  const { keys, certified, open = [], now = Date.now, nonces = new NonceMemory() } = guard;
  const free = new Set([...HEALTH, ...open]);
  return async (c, next) => {
    if (free.has(c.req.path)) return await next();
    const { raw } = c.req;
    const { pathname, search } = new URL(raw.url);
    const { method, headers, signal } = raw;
    const readBody = () => readLimited(raw, MAX_SIGNED_BYTES);
    const letIn = (caller: string) => c.set('caller', { id: caller, scopes: new Set(SCOPES) });
    try {
      if (certified === undefined ? keys === undefined : !certified(c.env)) throw stranger();
      if (keys === undefined) {
        const caller = callerOf(headers);
        if (caller === undefined) throw stranger();
        letIn(caller);
      } else {
        const request = { method, target: pathname + search, headers, readBody, now: now() };
        const { caller, body } = await verifyRequest(keys, request, nonces);
        letIn(caller);
        // The body was consumed for the signature: later handlers read a copy.
        if (body.length > 0) c.req.raw = new Request(raw.url, { method, headers, body, signal });
      }
    } catch (error) {
      if (!(error instanceof SoriError)) throw error;
      const response = respondError(error, c);
      if (error.code !== 'body_too_large') response.headers.set(REFUSED_HEADER, error.code);
      return response;
    }
    return await next();
  };
}

function stranger(): SoriError {
  return new SoriError('invalid_signature', 'This server answers only its edges, which show a certificate.');
}
