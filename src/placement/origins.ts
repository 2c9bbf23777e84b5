import { parseSigningKeys } from '../http/signed-url.ts';
import { parseOrigins } from './origin-list.ts';
import { OriginPool } from './origin-pool.ts';
import { nameCaller, signRequest } from './signatures/origin-signature.ts';

/** Variables that name origins. */
export interface OriginVariables {
  /** Origins and their weights: `https://a.example 2,https://b.example 1`. */
  readonly ORIGINS?: string;
  /** Secrets that edge and origin share: `k2:secret,k1:secret`; the first signs, all verify. */
  readonly ORIGIN_SECRETS?: string;
  /** A binding of `mtls_certificates`, by which the edge shows its certificate to origins. */
  readonly ORIGIN_CERTIFICATE?: { fetch(url: string, init: RequestInit): Promise<Response> };
  /** Milliseconds until a request is also sent to a second origin. */
  readonly ORIGIN_HEDGE_MS?: string;
}

/**
 * Makes the pool of origins of an edge.
 * @param log receives a line of JSON for each failure.
 * @returns `undefined` where `ORIGINS` names none.
 * @throws {Error} on malformed variables, and for origins without a signing secret and without a client certificate.
 */
export function originsOf(
  { ORIGINS, ORIGIN_SECRETS, ORIGIN_CERTIFICATE: certificate, ORIGIN_HEDGE_MS }: OriginVariables,
  log: (line: string) => void = () => {},
): OriginPool | undefined {
  const origins = parseOrigins(ORIGINS);
  if (origins === undefined) return undefined;
  const keys = parseSigningKeys(ORIGIN_SECRETS, 'ORIGIN_SECRETS');
  if (keys === undefined && certificate === undefined) {
    throw new Error(
      'ORIGINS needs ORIGIN_SECRETS or ORIGIN_CERTIFICATE: origins answer nobody but their edges.',
    );
  }
  return new OriginPool({
    origins,
    sign: async (request) => (keys ? await signRequest(keys, request) : nameCaller(request.caller)),
    fetch: certificate && ((url, init) => certificate.fetch(url, init)),
    hedgeMs: hedgeOf(ORIGIN_HEDGE_MS),
    onFault: (origin, error) => {
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? cause : undefined;
      log(
        JSON.stringify({
          time: new Date().toISOString(),
          level: 'error',
          origin,
          message,
          cause: why && [why.message, why.cause].filter(Boolean).map(String).join(' '),
        }),
      );
    },
  });
}

function hedgeOf(text: string | undefined): number | undefined {
  if (!text?.trim()) return undefined;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= 1 && ms <= 60_000) return ms;
  throw new Error('ORIGIN_HEDGE_MS: expected whole milliseconds, 1 to 60000.');
}
