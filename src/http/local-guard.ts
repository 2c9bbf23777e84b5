import { equalInConstantTime } from '../base/constant-time.ts';
import { SoriError } from '../base/errors.ts';
import { authOffAllowed } from './loopback.ts';

/** Header with which the proxy of `npm start` marks its requests. */
export const LOCAL_TOKEN_HEADER = 'X-Sori-Local';

/** How a server without API keys distinguishes requests of its own machine from those of web pages. */
export interface LocalGuardOptions {
  /** Origins whose pages may call the API. `*` allows none here, because it would allow every page that the user visits. */
  readonly corsOrigins: readonly string[];
  /** Expected value of {@link LOCAL_TOKEN_HEADER}, where a proxy in front of the server checks the `Host` header. */
  readonly token?: string;
}

/**
 * Checks a request to a server that requires no API keys.
 *
 * A page of another origin can send requests to a loopback address, and a page whose name resolves to 127.0.0.1 (DNS rebinding) is even of
 * the same origin. So the host name must be a loopback name, and an `Origin` header (Fetch standard, section 3.2) must name the server
 * itself or an origin that the operator lists. Clients other than browsers send no `Origin`.
 * @returns the refusal, or `undefined` for an allowed request.
 */
export function refuseForeign(
  { url, headers }: Pick<Request, 'url' | 'headers'>,
  { corsOrigins, token }: LocalGuardOptions,
): SoriError | undefined {
  const { hostname, host } = new URL(url);
  if (!authOffAllowed(hostname)) {
    const message =
      'AUTH is "off" here, which works on a loopback host name only. Remove it, and make keys: npm run sori -- keys --help.';
    return new SoriError('not_configured', message);
  }
  if (token !== undefined && !sameText(headers.get(LOCAL_TOKEN_HEADER) ?? '', token)) {
    return new SoriError('foreign_origin', 'Send requests to the address that npm start prints.');
  }
  const origin = headers.get('origin');
  if (origin === null || hostOf(origin) === host || (origin !== '*' && corsOrigins.includes(origin)))
    return undefined;
  const message = `This server asks for no API keys, so pages of other origins may not call it. Name ${JSON.stringify(origin.slice(0, 128))} in CORS_ORIGINS to allow it.`;
  return new SoriError('foreign_origin', message);
}

/** Host and port of an origin; `undefined` for `null` and other text. */
function hostOf(origin: string): string | undefined {
  return /^https?:\/\//.test(origin) && URL.canParse(origin) ? new URL(origin).host : undefined;
}

function sameText(one: string, other: string): boolean {
  const encoder = new TextEncoder();
  return equalInConstantTime(encoder.encode(one), encoder.encode(other));
}
