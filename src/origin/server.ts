import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { createApp } from '../app.ts';
import { authOffAllowed } from '../auth/loopback.ts';
import { SoriError } from '../errors.ts';
import { ERROR_KINDS, errorBody } from '../routes/errors.ts';
import type { Drain } from './drain.ts';

/** What {@link listen} serves, and where. */
export interface ServerOptions {
  readonly app: ReturnType<typeof createApp>;
  readonly drain: Drain;
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** Are keys off? Then it answers only to names of this machine: a page elsewhere may have its own name point here. */
  readonly openDoor: boolean;
}

/** What monitors ask until the very end. It keeps nothing from ending. */
const WATCHED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Longer than load balancers keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves an app on a port.
 * @throws Node's error when the port can not be listened on.
 */
export async function listen(options: ServerOptions): Promise<{ server: Server; url: URL }> {
  const { host, port } = options;
  const server = createAdaptorServer({
    fetch: (request, env) => answer(options, request, env as HttpBindings),
  }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  const { port: taken } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { server, url: new URL(`http://${name}:${taken}`) };
}

async function answer(options: ServerOptions, request: Request, env: HttpBindings): Promise<Response> {
  const { app, drain, openDoor } = options;
  const { hostname, pathname } = new URL(request.url);
  const { outgoing } = env;
  if (drain.ending) outgoing.shouldKeepAlive = false;
  if (openDoor && !authOffAllowed(hostname)) {
    const message = 'AUTH is "off" here, which works on a loopback host name only.';
    return refusal(new SoriError('not_configured', message));
  }
  if (!WATCHED.has(pathname)) {
    if (drain.ending) return refusal(new SoriError('overloaded', 'This server ends; ask another one.'));
    drain.enter(outgoing);
  }
  const context = {
    waitUntil: (work: Promise<unknown>) => drain.keep(work),
    passThroughOnException: () => {},
    props: {},
  };
  return await app.fetch(request, env, context as ExecutionContext);
}

function refusal(error: SoriError): Response {
  const { status, retryAfter } = ERROR_KINDS[error.code];
  const headers = new Headers({ 'Cache-Control': 'no-store' });
  if (retryAfter !== undefined) headers.set('Retry-After', String(retryAfter));
  return Response.json(errorBody(error), { status, headers });
}
