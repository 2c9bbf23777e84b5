import type { HttpBindings } from '@hono/node-server';
import ipaddr from 'ipaddr.js';

/** Finds the address of a client, from the headers of its request and Node's own objects. */
export type ClientAddress = (headers: Headers, env: unknown) => string;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Names of ranges in ipaddr.js. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['loopback'],
  private: ['private', 'uniqueLocal', 'linkLocal', 'loopback'],
};

/**
 * The address at the other end of the socket; behind trusted proxies, the last address in `X-Forwarded-For` that is not one of them.
 * Clients can forge the addresses before that.
 * @param trusted addresses, CIDR ranges, `loopback`, `private`.
 * @throws {RangeError} when one of them is none of these.
 */
export function clientAddressBehind(trusted: readonly string[]): ClientAddress {
  const isTrusted = trusted.map(matcher);
  const passes = (text: string) => {
    const address = parse(text);
    return address !== undefined && isTrusted.some((matches) => matches(address));
  };
  return (headers, env) => {
    let address = socketAddress(env);
    if (isTrusted.length === 0) return address;
    const hops = (headers.get('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim());
    while (passes(address)) {
      const hop = hops.pop();
      if (hop === undefined || parse(hop) === undefined) break;
      address = hop;
    }
    return address;
  };
}

const socketAddress = (env: unknown): string =>
  (env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? 'unknown';

/** IPv4 in IPv6's clothes is IPv4. */
const parse = (text: string): Address | undefined =>
  ipaddr.isValid(text) ? ipaddr.process(text) : undefined;

function matcher(rule: string): (address: Address) => boolean {
  const ranges = Object.hasOwn(NAMED, rule) ? NAMED[rule] : undefined;
  if (ranges) return (address) => ranges.includes(address.range());
  const [network, bits] = networkOf(rule);
  // Networks of the other family hold no address of this one.
  return (address) => address.kind() === network.kind() && address.match(network, bits);
}

function networkOf(rule: string): [Address, number] {
  try {
    if (rule.includes('/')) return ipaddr.parseCIDR(rule);
    const address = ipaddr.process(rule);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new RangeError(`${rule} is not an address, a CIDR range, "loopback" or "private".`);
  }
}
