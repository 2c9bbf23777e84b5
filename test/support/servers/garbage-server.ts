import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = readonly [status: number, headers: Record<string, string>, body: string];

/** Answers that no origin gives, by name. `id` is the request's `X-Request-Id`. */
const GARBAGE = {
  page: () => [200, { 'Content-Type': 'text/html' }, '<h1>Welcome to nginx!</h1>'],
  stranger: () => [200, { 'Content-Type': 'audio/mpeg' }, 'ID3'],
  type: (id) => [200, { 'Content-Type': 'text/html', 'x-request-id': id }, 'ID3'],
  empty: (id) => [200, { 'Content-Type': 'audio/mpeg', 'Content-Length': '0', 'x-request-id': id }, ''],
  redirect: (id) => [302, { Location: 'http://127.0.0.1/', 'x-request-id': id }, ''],
  error: (id) => [400, { 'Content-Type': 'application/json', 'x-request-id': id }, '{"oops":true}'],
  gateway: () => [502, { 'Content-Type': 'text/html' }, 'Bad gateway'],
  /** The connection ends before the body does. */
  short: (id) => [200, { 'Content-Type': 'audio/mpeg', 'Content-Length': '5000', 'x-request-id': id }, 'ID3'],
} satisfies Record<string, (id: string) => Answer>;

/** What a {@link garbageServer} answers. */
export type Garbage = keyof typeof GARBAGE;

/** Starts a server in place of an origin, which gives the same useless answer to every request. */
export async function garbageServer(kind: Garbage): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const [status, headers, body]: Answer = GARBAGE[kind](String(request.headers['x-request-id']));
    request.resume();
    request.on('end', () => {
      response.writeHead(status, headers);
      if (kind === 'short') response.write(body, () => setImmediate(() => response.destroy()));
      else response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
