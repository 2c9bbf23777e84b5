import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A proxy between a client and a server, which records requests and can replace answers. */
export interface Proxy extends AsyncDisposable {
  readonly url: URL;
  /** The requests so far, as `GET /v1/prompts?limit=1000`. */
  readonly requests: string[];
}

/** Hooks of a {@link startProxy}. */
export interface ProxyOptions {
  readonly target: URL;
  /** Called before a request is passed on. An answer that it returns replaces the server's. */
  readonly before?: (method: string, path: string) => Response | undefined | Promise<Response | undefined>;
  /** Called when the server has answered, before the client gets the answer. */
  readonly after?: (method: string, path: string) => void | Promise<void>;
}

/** Headers that belong to one connection. */
const OWN = ['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive', 'content-encoding'];

/** Starts a proxy on this machine. It answers 502 when the server is gone. */
export async function startProxy({ target, before, after }: ProxyOptions): Promise<Proxy> {
  const requests: string[] = [];
  const pass = async (method: string, path: string, headers: Headers, body: Buffer): Promise<Response> => {
    requests.push(`${method} ${path}`);
    const own = await before?.(method, path);
    if (own) return own;
    for (const name of OWN) headers.delete(name);
    try {
      const response = await fetch(new URL(path, target), {
        method,
        headers,
        body: body.length > 0 ? new Uint8Array(body) : undefined,
      });
      const whole = await response.arrayBuffer();
      await after?.(method, path);
      return new Response(response.status === 204 ? null : whole, response);
    } catch {
      return new Response('There is no server.', { status: 502 });
    }
  };
  const server = createServer(async (request, answer) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const { method = 'GET', url: path = '/' } = request;
    const response = await pass(method, path, headers, await buffer(request));
    const kept = [...response.headers].filter(([name]) => !OWN.includes(name));
    answer
      .writeHead(response.status, Object.fromEntries(kept))
      .end(Buffer.from(await response.arrayBuffer()));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
