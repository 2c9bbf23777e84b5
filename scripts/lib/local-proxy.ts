import { randomBytes } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { LOCAL_TOKEN_HEADER } from '../../src/http/local-guard.ts';

/** Where a {@link startLocalProxy} listens and what it passes requests to. */
export interface LocalProxyOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The server behind it. */
  readonly target: URL;
  /** Value of {@link LOCAL_TOKEN_HEADER} in every forwarded request. */
  readonly token: string;
}

/** A proxy that runs. */
export interface LocalProxy extends AsyncDisposable {
  readonly url: URL;
}

/** A token that no page can guess. */
export const newLocalToken = (): string => randomBytes(32).toString('base64url');

/**
 * Passes HTTP requests and WebSockets on to wrangler's server.
 *
 * That server trusts a client's `MF-Original-URL` header, by which a page whose name resolves to this machine (DNS rebinding)
 * would pass for localhost. The proxy removes such headers and adds the token that the Worker requires.
 */
export async function startLocalProxy({ host, port, target, token }: LocalProxyOptions): Promise<LocalProxy> {
  const agent = new Agent({ keepAlive: true });
  const forward = (incoming: IncomingMessage, upgrade: boolean) =>
    request({
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      method: incoming.method,
      path: incoming.url,
      headers: [...passedOn(incoming.rawHeaders), LOCAL_TOKEN_HEADER, token],
      setHost: false,
      agent: upgrade ? false : agent,
    });
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith('/')) return refuse(outgoing, 400);
    const passed = forward(incoming, false);
    pipeline(incoming, passed, () => {});
    passed.on('error', () => refuse(outgoing, 502));
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      pipeline(answer, outgoing, () => {});
    });
    // A disconnect of the client aborts its request.
    outgoing.on('close', () => passed.destroy());
  });
  server.on('upgrade', (incoming, socket: Socket, head: Buffer) => {
    const passed = forward(incoming, true);
    const close = () => socket.destroy();
    socket.on('error', () => passed.destroy());
    passed.on('error', close);
    passed.on('response', close);
    passed.on('upgrade', (answer, behind: Socket, behindHead: Buffer) => {
      const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
      for (let i = 0; i < answer.rawHeaders.length; i += 2)
        lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      if (behindHead.length > 0) socket.write(behindHead);
      if (head.length > 0) behind.write(head);
      pipeline(socket, behind, () => {});
      pipeline(behind, socket, () => {});
    });
    passed.end();
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: new URL(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Headers, one after another as Node's `rawHeaders` has them, without those that only the proxy may send. */
function passedOn(raw: readonly string[]): string[] {
  const own = LOCAL_TOKEN_HEADER.toLowerCase();
  return raw.flatMap((name, i) => {
    if (i % 2 === 1) return [];
    const lower = name.toLowerCase();
    return lower.startsWith('mf-') || lower === own ? [] : [name, raw[i + 1]];
  });
}

function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.writeHead(status).end();
}
