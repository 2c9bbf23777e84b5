/**
 * Request headers that are forwarded to an origin. All others are removed: headers of the connection, the client's keys and cookies,
 * what proxies have added, and headers that an origin might mistake for the edge's own.
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

/** Answer headers that are passed on to a client. The edge sets its own headers for browsers and caches. */
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
  'x-sori-audio-ms',
  'x-sori-ignored',
  'x-sori-licence',
  'x-sori-model',
]);

/** Selects the request headers for an origin. */
export function headersToAsk(headers: Headers): Headers {
  const passed = only(ASKED, headers);
  // A compressed body has no length to compare with.
  passed.set('Accept-Encoding', 'identity');
  return passed;
}

/** Selects the answer headers for a client. */
export function headersToPass(headers: Headers): Headers {
  const passed = only(ANSWERED, headers);
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  // The body is decompressed here, so its length differs.
  if (encoding !== 'identity') passed.delete('content-length');
  return passed;
}

function only(names: ReadonlySet<string>, headers: Headers): Headers {
  // The Connection header names further headers of the connection (RFC 9110, section 7.6.1).
  const own = new Set((headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const passed = new Headers();
  for (const [name, value] of headers) if (names.has(name) && !own.has(name)) passed.set(name, value);
  return passed;
}
