import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { Readable } from 'node:stream';

/** A stand-in for the binding of `mtls_certificates`: a fetch with a client certificate. */
export function certifiedFetch(tls: Pick<RequestOptions, 'cert' | 'key' | 'ca'>) {
  return async (url: string, { method, headers, body, signal }: RequestInit): Promise<Response> => {
    const asked = request(url, {
      ...tls,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      signal: signal ?? undefined,
      agent: false,
    });
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
    asked.end(body ? new Uint8Array(await new Response(body).arrayBuffer()) : undefined);
    const [answer] = await answered;
    const status = answer.statusCode ?? 0;
    const given = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) given.set(name, String(value));
    const empty = method === 'HEAD' || status === 204 || status === 304;
    if (empty) answer.resume();
    const stream: unknown = empty ? null : Readable.toWeb(answer);
    return new Response(stream as ReadableStream | null, { status, headers: given });
  };
}
