/**
 * Headers of a request that mean something to an origin. All others stay here: those of the connection, keys and cookies of the client,
 * what proxies have written, and whatever might be taken for the edge's own word.
 */
const ASKED: ReadonlySet<string> = new Set([
  'accept',
  'cache-control',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'last-event-id',
  'prefer',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
]);

/** Headers of an answer that mean something to a client. What the edge says of itself, to browsers and to caches, it says itself. */
const ANSWERED: ReadonlySet<string> = new Set([
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'location',
  'preference-applied',
  'retry-after',
  'server-timing',
  'x-cache',
  'x-should-retry',
  'x-sori-model',
]);

/** Headers to ask an origin with. */
export function headersToAsk(headers: Headers): Headers {
  const passed = only(ASKED, headers);
  // A body that is packed on the way has no length that could be held against it.
  passed.set('Accept-Encoding', 'identity');
  return passed;
}

/** Headers of an origin's answer to pass on. */
export function headersToPass(headers: Headers): Headers {
  const passed = only(ANSWERED, headers);
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  // It is unpacked here, and then longer.
  if (encoding !== 'identity') passed.delete('content-length');
  return passed;
}

function only(names: ReadonlySet<string>, headers: Headers): Headers {
  // A header may say of others that they belong to the connection (RFC 9110, section 7.6.1).
  const own = new Set((headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const passed = new Headers();
  for (const [name, value] of headers) if (names.has(name) && !own.has(name)) passed.set(name, value);
  return passed;
}
