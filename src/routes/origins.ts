import { signRequest } from '../auth/origin-signature.ts';
import { parseSigningKeys } from '../auth/signed-url.ts';
import { parseOrigins } from '../engine/dispatch/origin-list.ts';
import { OriginPool } from '../engine/dispatch/origin-pool.ts';

/** Variables that name origins. */
export interface OriginVariables {
  /** Origins and their weights: `https://a.example 2,https://b.example 1`. */
  readonly ORIGINS?: string;
  /** Secrets that edge and origin share: `k2:secret,k1:secret`; the first signs, all verify. */
  readonly ORIGIN_SECRETS?: string;
}

/**
 * The origins that an edge hands work to.
 * @param log takes a line of JSON for each failure.
 * @returns `undefined` where `ORIGINS` names none.
 * @throws {Error} on malformed variables, and for origins without a secret to sign with.
 */
export function originsOf(
  { ORIGINS, ORIGIN_SECRETS }: OriginVariables,
  log: (line: string) => void = () => {},
): OriginPool | undefined {
  const origins = parseOrigins(ORIGINS);
  if (origins === undefined) return undefined;
  const keys = parseSigningKeys(ORIGIN_SECRETS, 'ORIGIN_SECRETS');
  if (keys === undefined)
    throw new Error('ORIGINS needs ORIGIN_SECRETS: origins answer only what is signed.');
  return new OriginPool({
    origins,
    sign: (request) => signRequest(keys, request),
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
