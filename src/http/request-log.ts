import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { LOCAL_CALLER, PUBLIC_CALLER, type RequestAccount } from './access.ts';
import type { AppEnv, HttpDependencies } from './context.ts';
import { clientIsGone } from './deadline.ts';
import { logFailure, toSoriError } from './errors.ts';
import { keepAlive } from './keep-alive.ts';
import type { Metrics } from './metrics.ts';

/** A route as the router has registered it. */
type RegisteredRoute = ReturnType<typeof matchedRoutes>[number];

const MAX_ID_LENGTH = 128;

/** The result of a request. */
interface Outcome {
  readonly method: string;
  readonly status: number;
  /** Milliseconds until the answer began. */
  readonly ms: number;
}

/**
 * The first middleware: sets the id, the caller and the account of each request. When the answer has ended, it counts the request, records its
 * usage and writes a log line. The answer does not wait for that.
 */
export function accountForRequests(deps: HttpDependencies, metrics: Metrics): MiddlewareHandler<AppEnv> {
  const stranger = deps.access === 'off' ? LOCAL_CALLER : PUBLIC_CALLER;
  return async (c, next) => {
    const started = performance.now();
    const id = requestIdOf(c.req.raw.headers.get('x-request-id'));
    const account: RequestAccount = { route: routeOf(c) };
    c.set('requestId', id);
    c.set('caller', stranger);
    c.set('account', account);
    metrics.begin();
    const done = next();
    // A model load that other requests wait for must outlive the client that started it.
    keepAlive(c, done);
    await done;
    c.res.headers.set('x-request-id', id);
    const { method } = c.req;
    const status = statusOf(c);
    const ms = performance.now() - started;
    metrics.answered({ method, status, seconds: ms / 1000 }, account);
    if (account.ended === undefined) return settle(c, deps, metrics, { method, status, ms });
    const end = () => settle(c, deps, metrics, { method, status, ms });
    keepAlive(c, account.ended.then(end, end));
  };
}

/** nginx's status for a client that disconnected before the answer began; it is no failure. */
const CLIENT_GONE = 499;

function statusOf(c: Context<AppEnv>): number {
  const { status } = c.res;
  return status >= 500 && clientIsGone(c.req.raw) ? CLIENT_GONE : status;
}

/** Errors of requests that are not recorded as usage, because they cost nothing. */
const UNCOUNTED: ReadonlySet<string | undefined> = new Set(['rate_limit_exceeded', 'insufficient_scope']);

function settle(c: Context<AppEnv>, deps: HttpDependencies, metrics: Metrics, outcome: Outcome): void {
  const { access, log } = deps;
  const account = c.get('account');
  metrics.end(account);
  if (log !== undefined && isLogged(outcome, account)) log(logLine(c, outcome, deps.logText ?? false));
  const caller = c.get('caller');
  if (access === 'off' || caller.id === PUBLIC_CALLER.id || UNCOUNTED.has(account.error)) return;
  const recorded = access.record(caller, account);
  keepAlive(
    c,
    recorded.catch((error) => logFailure(c.get('requestId'), toSoriError(error), account.text)),
  );
}

/** Successful GETs of these paths are not logged: the CDN logs public audio, and monitors request health every few seconds. */
const QUIET: ReadonlySet<string> = new Set(['/audio', '/prompts', '/healthz']);

function isLogged({ method, status }: Outcome, { route = '' }: RequestAccount): boolean {
  if (method === 'OPTIONS') return false;
  if (status >= 400 || (method !== 'GET' && method !== 'HEAD')) return true;
  const end = route.indexOf('/', 1);
  return !QUIET.has(end < 0 ? route : route.slice(0, end));
}

/** Writes a request as a line of JSON. It has the route's pattern instead of the path and query, which may hold a text or a signature. */
function logLine(c: Context<AppEnv>, { method, status, ms }: Outcome, withText: boolean): string {
  const { route, cache, characters, audioMs, error, text } = c.get('account');
  return JSON.stringify({
    time: new Date().toISOString(),
    level: status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info',
    request_id: c.get('requestId'),
    method,
    route: route ?? null,
    status,
    ms: Math.round(ms * 10) / 10,
    key: c.get('caller').id,
    cache,
    characters,
    audio_ms: audioMs === undefined ? undefined : Math.round(audioMs),
    error,
    text: withText ? text : undefined,
  });
}

/**
 * The id of a request, for its answer, the log and origins.
 * @param given the client's `x-request-id`. It is used if it has 1 to 128 letters, digits, `-`, `_` or `=`.
 * @returns `given`, or a new UUID. Nothing is thrown: an unsuitable id is replaced.
 */
function requestIdOf(given: string | null): string {
  if (given !== null && given.length > 0 && given.length <= MAX_ID_LENGTH && !/[^\w\-=]/.test(given))
    return given;
  return crypto.randomUUID();
}

const templates = new WeakMap<RegisteredRoute, string>();

/** The pattern of the route that answers the request; middleware, which matches every path, is skipped. */
function routeOf(c: Context<AppEnv>): string | undefined {
  for (const route of matchedRoutes(c)) {
    if (route.method === 'ALL' && route.path === '/*') continue;
    const known = templates.get(route);
    if (known !== undefined) return known;
    const template = pathTemplate(route.path);
    templates.set(route, template);
    return template;
  }
  return undefined;
}

/**
 * Converts a router path to OpenAPI's notation.
 *
 * @example
 * ```ts
 * pathTemplate('/prompts/:name{[a-z0-9/]{1,128}}'); // '/prompts/{name}'
 * ```
 */
export function pathTemplate(path: string): string {
  let template = '';
  for (let at = 0; at < path.length; ) {
    const name = /^:(\w+)/.exec(path.slice(at))?.[1];
    if (name === undefined) {
      template += path[at++];
      continue;
    }
    template += `{${name}}`;
    at += name.length + 1;
    if (path[at] !== '{') continue;
    let depth = 0;
    do {
      if (path[at] === '{') depth++;
      if (path[at] === '}') depth--;
      at++;
    } while (depth > 0 && at < path.length);
  }
  return template;
}
