import type { Context, MiddlewareHandler } from 'hono';
import { requirementOf } from './access-table.ts';
import type { AppEnv } from './context.ts';
import { respondError } from './errors.ts';

const METHODS = 'GET,HEAD,POST,PUT,DELETE,OPTIONS';

/** Answer headers that pages of other origins may read. */
const EXPOSED = [
  'Accept-Ranges',
  'Age',
  'Allow',
  'Content-Disposition',
  'Content-Length',
  'Content-Location',
  'Content-Range',
  'ETag',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Server-Timing',
  'WWW-Authenticate',
  'X-Cache',
  'X-Sori-Baked',
  'X-Sori-Ignored',
  'X-Characters-Limit',
  'X-Characters-Used',
  'X-Sori-Model',
  'X-Sori-Placed',
  'x-request-id',
].join(',');

/** Seconds that a browser may cache a preflight answer. */
const PREFLIGHT_SECONDS = '86400';

/** The default Content-Security-Policy: nothing runs, and no page frames the answer. */
const NO_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/**
 * Middleware that sets the headers browsers obey: CORS (Fetch standard, section 3.2), and that an
 * answer has the type of its Content-Type and runs nothing. It answers OPTIONS.
 * @param origins `undefined` or a list with `*` allows any origin. Routes that need no key allow pages of all origins in any case:
 *   their answers are public, and caches keep one answer for all.
 */
export function guardBrowsers(origins?: readonly string[]): MiddlewareHandler<AppEnv> {
  const any = origins === undefined || origins.includes('*');
  const known = new Set(origins);
  return async (c, next) => {
    if (c.req.method === 'OPTIONS') {
      c.res = preflight(c.req.raw);
    } else {
      try {
        await next();
      } catch (thrown) {
        // Hono does not handle thrown values that are no Error.
        c.res = respondError(thrown, c);
      }
    }
    const headers = writableHeaders(c);
    if (any || isPublic(c)) {
      headers.set('Access-Control-Allow-Origin', '*');
    } else {
      // Caches must not serve one origin's answer to another origin.
      headers.append('Vary', 'Origin');
      const origin = c.req.raw.headers.get('origin');
      if (origin !== null && known.has(origin)) headers.set('Access-Control-Allow-Origin', origin);
    }
    headers.set('Access-Control-Expose-Headers', EXPOSED);
    // A cache in front of the Worker stores answers without Cache-Control and ignores `x-api-key`.
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', NO_CONTENT_POLICY);
    if (!headers.has('Referrer-Policy')) headers.set('Referrer-Policy', 'no-referrer');
    // Public audio may be embedded by pages of other origins, including those that require this permission.
    headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
    if (c.req.url.startsWith('https:')) headers.set('Strict-Transport-Security', 'max-age=31536000');
  };
}

function isPublic(c: Context<AppEnv>): boolean {
  const { route } = c.get('account');
  return route !== undefined && requirementOf(c.req.method, route) === 'public';
}

function preflight(request: Request): Response {
  const headers = new Headers({
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  });
  const asked = request.headers.get('access-control-request-headers');
  if (asked !== null) {
    headers.set('Access-Control-Allow-Headers', asked.replaceAll(/\s+/g, ''));
    headers.set('Vary', 'Access-Control-Request-Headers');
  }
  return new Response(null, { status: 204, headers });
}

/** Mutable headers of the answer. The headers of an answer from a cache or another server are immutable and are copied first. */
export function writableHeaders(c: Context<AppEnv>): Headers {
  const { res } = c;
  try {
    res.headers.set('X-Content-Type-Options', 'nosniff');
    return res.headers;
  } catch {
    c.res = undefined;
    c.res = new Response(res.body, res);
    c.res.headers.set('X-Content-Type-Options', 'nosniff');
    return c.res.headers;
  }
}
