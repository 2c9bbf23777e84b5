import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { LOCAL_CALLER, PUBLIC_CALLER, type RequestAccount } from '../auth/access.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { keepAlive } from './keep-alive.ts';

/** The route that a router has registered. */
type RegisteredRoute = ReturnType<typeof matchedRoutes>[number];

const MAX_ID_LENGTH = 128;

/**
 * The first middleware: gives each request its id, its caller and its account.
 */
export function accountForRequests({ access }: AppDependencies): MiddlewareHandler<AppEnv> {
  const stranger = access === 'off' ? LOCAL_CALLER : PUBLIC_CALLER;
  return async (c, next) => {
    const id = requestIdOf(c.req.raw.headers.get('x-request-id'));
    const account: RequestAccount = { route: routeOf(c) };
    c.set('requestId', id);
    c.set('caller', stranger);
    c.set('account', account);
    const done = next();
    // A load that other requests wait for must not end with the client that happened to start it.
    keepAlive(c, done);
    await done;
    c.res.headers.set('x-request-id', id);
  };
}

function requestIdOf(given: string | null): string {
  if (given !== null && given.length > 0 && given.length <= MAX_ID_LENGTH && !/[^\w\-=]/.test(given))
    return given;
  return crypto.randomUUID();
}

const templates = new WeakMap<RegisteredRoute, string>();

/** The pattern of the route that answers; middleware is what stands for every path. */
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
 * Writes a path of the router as OpenAPI does.
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
