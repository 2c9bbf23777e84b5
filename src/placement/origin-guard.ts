import type { MiddlewareHandler } from 'hono';
import { SoriError } from '../base/errors.ts';
import { SCOPES } from '../http/access.ts';
import { readLimited } from '../http/body.ts';
import type { AppEnv } from '../http/context.ts';
import { respondError } from '../http/errors.ts';
import type { SigningKeys } from '../http/signed-url.ts';
import { NonceMemory } from './signatures/nonce-memory.ts';
import type { Nonces } from './signatures/nonces.ts';
import { callerOf, verifyRequest } from './signatures/origin-signature.ts';

/** Header by which an origin tells its edge that it is the edge that is refused, not its client. */
const REFUSED_HEADER = 'X-Sori-Refused';
/** What load balancers ask, who sign nothing. */
const HEALTH: readonly string[] = ['/healthz', '/readyz'];
/** Largest body that is taken, in bytes; routes have limits of their own. */
const MAX_SIGNED_BYTES = 64 * 1024 * 1024;

/** How an origin is guarded. */
export interface OriginGuard {
  /** Secrets that it shares with its edges; all verify. Absent where a certificate is proof enough. */
  readonly keys?: SigningKeys;
  /** Has the other end of the connection shown a certificate of an edge? `env` is the platform's. Absent where none is asked for. */
  readonly certified?: (env: unknown) => boolean;
  /** Paths besides health that anyone may ask for: `/metrics`, where only the operator's own machines reach the origin. */
  readonly open?: readonly string[];
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
  /** What was asked before; default: one of this process. */
  readonly nonces?: Nonces;
}

/**
 * Makes an app answer nobody but its edges: those that share a secret with it, and only once to each request; or those that have its
 * certificate; where it asks for both, both. Whoever the edge has let in is the caller here.
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
        // Its body was read; what follows reads it again.
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
  return new SoriError('invalid_signature', 'This server answers only its edges, which have a certificate.');
}
