import type { ShardSource } from '../source.ts';

/** How to reach a folder of models over HTTP. */
export interface HttpSourceOptions {
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Milliseconds for one object, body included; 30,000 when not given. */
  readonly timeoutMs?: number;
}

/**
 * Reads from a folder of models on a web server.
 * @param baseUrl the folder's address, with or without a slash at its end.
 */
export function httpSource(baseUrl: string | URL, options: HttpSourceOptions = {}): ShardSource {
  const base = new URL(String(baseUrl).replace(/\/*$/, '/'));
  // Bound to nothing: browsers refuse a `fetch` called as a method of something else.
  const request = options.fetch ?? ((input, init) => fetch(input, init));
  const timeoutMs = options.timeoutMs ?? 30_000;
  return {
    name: base.href,
    async read(key, { signal, fresh } = {}) {
      signal?.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      const response = await request(new URL(key, base).href, {
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(fresh && { cache: 'no-store' }),
      });
      if (!response.ok) {
        await response.body?.cancel();
        if (response.status === 404) return null;
        throw new Error(`${base.host} answered ${response.status} for ${key}`);
      }
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
