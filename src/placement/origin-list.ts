/** An origin: a server that does heavy work. */
export interface OriginAddress {
  /** `https://host:port`, without a slash at its end. */
  readonly url: string;
  /** Its share of the work relative to the other origins. */
  readonly weight: number;
}

/**
 * Reads `ORIGINS`: `https://a.example 2,https://b.example 1`; a weight left out is 1.
 * @returns `undefined` for an empty or missing text.
 * @throws {Error} on a malformed text, or plain HTTP to another machine, because a signature does not encrypt.
 */
export function parseOrigins(text: string | undefined): readonly OriginAddress[] | undefined {
  if (!text?.trim()) return undefined;
  return text.split(',').map((entry, at) => {
    const which = `ORIGINS, origin ${at + 1}`;
    const [address, weight = '1', ...rest] = entry.trim().split(/\s+/);
    const url = URL.parse(address);
    if (url === null || rest.length > 0 || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
      throw new Error(`${which}: expected https://host and a weight, without path or credentials.`);
    }
    if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
      throw new Error(`${which}: plain http: is for this machine alone; use https:.`);
    }
    if (!(Number(weight) > 0 && Number(weight) <= 1000)) {
      throw new Error(`${which}: a weight is a number above 0, and 1000 at most.`);
    }
    return { url: url.origin, weight: Number(weight) };
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
}
