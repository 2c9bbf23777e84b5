import type { Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import type { createApp } from '../app.ts';
import { SoriError } from '../base/errors.ts';
import { LONGEST_MESSAGE } from '../features/sessions/index.ts';
import { ERROR_KINDS, errorBody } from '../http/errors.ts';
import { type LocalGuardOptions, refuseForeign } from '../http/local-guard.ts';
import { contextOf, type Drain } from './drain.ts';
import { isStaticPath, staticFile } from './static-files.ts';
import type { Tls } from './tls.ts';

/** Options of {@link listen}. */
export interface ServerOptions {
  readonly app: ReturnType<typeof createApp>;
  readonly drain: Drain;
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** Uses HTTPS, and optionally accepts only clients with a certificate of its CA. */
  readonly tls?: Tls;
  /** How to distinguish requests of this machine from those of web pages, if keys are off. */
  readonly localGuard?: LocalGuardOptions;
}

/** Paths of monitors, which are served during shutdown and do not delay it. */
const WATCHED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** WebSockets: browsers send their key as a second protocol; the answer selects the first. */
const SOCKETS = {
  noServer: true,
  maxPayload: LONGEST_MESSAGE * 4,
  handleProtocols: ([first]: Set<string>) => first ?? false,
} as const;

/** Longer than load balancers keep idle connections, so that they close them first. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves an app on a port.
 * @throws Node's error when the port cannot be listened on.
 */
export async function listen(options: ServerOptions): Promise<{ server: Server; url: URL }> {
  const { host, port, tls } = options;
  const server = createAdaptorServer({
    fetch: (request, env) => answer(options, request, env as HttpBindings),
    websocket: { server: new WebSocketServer(SOCKETS) },
    ...(tls && { createServer: createHttpsServer, serverOptions: secureOptions(tls) }),
  }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  const { port: taken } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { server, url: new URL(`${tls ? 'https' : 'http'}://${name}:${taken}`) };
}

function secureOptions({ cert, key, clientCa }: Tls) {
  const refusing = clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, minVersion: 'TLSv1.2' as const, ...refusing };
}

async function answer(options: ServerOptions, request: Request, env: HttpBindings): Promise<Response> {
  const { app, drain, localGuard } = options;
  const { pathname } = new URL(request.url);
  // A WebSocket that is being opened has no answer of its own.
  const outgoing: HttpBindings['outgoing'] | undefined = env.outgoing;
  if (drain.ending && outgoing) outgoing.shouldKeepAlive = false;
  const foreign = localGuard && refuseForeign(request, localGuard);
  if (foreign) return refusal(foreign, request);
  if (!WATCHED.has(pathname)) {
    if (drain.ending) {
      return refusal(new SoriError('overloaded', 'This server is shutting down; try again.'), request);
    }
    if (outgoing) drain.enter(outgoing);
  }
  const file = isStaticPath(pathname) ? await staticFile(request) : undefined;
  if (file) return file;
  return await app.fetch(request, env, contextOf(drain));
}

function refusal(error: SoriError, request: Request): Response {
  const { status, retryAfter } = ERROR_KINDS[error.code];
  const headers = new Headers({ 'Cache-Control': 'no-store' });
  // An edge distinguishes answers of an origin from those of other servers by this header.
  const id = request.headers.get('x-request-id');
  if (id !== null && /^[\w\-=]{1,128}$/.test(id)) headers.set('x-request-id', id);
  if (retryAfter !== undefined) headers.set('Retry-After', String(retryAfter));
  return Response.json(errorBody(error), { status, headers });
}
