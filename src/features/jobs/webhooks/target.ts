import ipaddr from 'ipaddr.js';
import { SoriError } from '../../../base/errors.ts';

/** Rules for receivers. */
export interface TargetRules {
  /** Allowed ports; default 443 and 8443. */
  readonly ports?: readonly number[];
  /** Allows this machine, also by http and on any port, for development. Default no. */
  readonly allowLoopback?: boolean;
}

/** Finds all addresses of a host name; an empty list for an unknown name. Throws when the lookup fails. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** Why a host is not allowed. */
export type Unreachable = 'forbidden_target' | 'unresolved';

/** Default ports of receivers. */
export const WEBHOOK_PORTS: readonly number[] = [443, 8443];
const MAX_URL_LENGTH = 2048;

/** Names of private networks: RFC 2606, 6761, 6762, 7686, 8375 and 9476, ICANN's `internal`, and those of home routers. */
const INNER_NAMES = new Set(
  'arpa corp domain example home internal intranet invalid lan local localdomain localhost mail onion private alt test workgroup'.split(
    ' ',
  ),
);
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A public address that is internal: Azure's host. */
const INNER_ADDRESSES = new Set(['168.63.129.16']);
/** The range of global IPv6 addresses; ipaddr.js also calls unassigned blocks unicast. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Parses the URL of a receiver and rejects malformed URLs and names of private networks, before any lookup.
 * @throws {SoriError} `invalid_webhook`, with `param`.
 */
export function parseTarget(text: string, rules: TargetRules = {}, param = 'webhook'): URL {
  const refuse = (message: string) => new SoriError('invalid_webhook', message, { param });
  if (text.length > MAX_URL_LENGTH) throw refuse(`A webhook's URL has at most ${MAX_URL_LENGTH} characters.`);
  // URL parsers repair these characters differently, so the text may show another host.
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text))
    throw refuse('A webhook’s URL must not contain white space, backslashes or invisible characters.');
  const url = URL.parse(text);
  if (url === null) throw refuse('The webhook is not a valid URL.');
  if (url.username !== '' || url.password !== '') {
    throw refuse('A webhook’s URL must not contain a user name or password. Verify the signature instead.');
  }
  if (rules.allowLoopback && /^https?:$/.test(url.protocol) && isLoopbackHost(url.hostname)) return url;
  if (url.protocol !== 'https:') throw refuse('A webhook’s URL must begin with https://.');
  const ports = rules.ports ?? WEBHOOK_PORTS;
  if (!ports.includes(url.port === '' ? 443 : Number(url.port))) {
    throw refuse(`A webhook's port is one of ${ports.join(', ')}.`);
  }
  if (!isPublicHost(url.hostname)) throw refuse('The webhook’s host is not a public address.');
  return url;
}

/**
 * Finds the addresses of a receiver. One private address rejects the host, because any of them may be used.
 * @returns the only addresses to connect to, or the reason for a rejection.
 * @throws errors of `resolve`.
 */
export async function addressesOf(
  url: URL,
  resolve: Resolver,
  rules: TargetRules = {},
): Promise<readonly string[] | Unreachable> {
  const host = bare(url.hostname);
  if (rules.allowLoopback && isLoopbackHost(url.hostname))
    return isName(host) ? ['127.0.0.1', '::1'] : [host];
  if (!isName(host)) return isPublicAddress(host) ? [host] : 'forbidden_target';
  const addresses = await resolve(host);
  if (addresses.length === 0) return 'unresolved';
  return addresses.every(isPublicAddress) ? addresses : 'forbidden_target';
}

/**
 * Whether this is an address of the public internet. It excludes those of this machine, private networks, links, multicast, documentation, cloud
 * services, and IPv6 that contains IPv4 (mapped, NAT64, 6to4, Teredo), whose target depends on the network.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv6
    ? parsed.match(GLOBAL_UNICAST) && !isIsatap(parsed)
    : !INNER_ADDRESSES.has(parsed.toString());
}

/** RFC 5214: an interface identifier of 0000:5efe or 0200:5efe, then an IPv4 address. */
const isIsatap = ({ parts }: ipaddr.IPv6): boolean => (parts[4] & 0xfdff) === 0 && parts[5] === 0x5efe;

/** A host as URL parsers normalize it: `[::1]`, and IPv4 as four decimal numbers. */
function isPublicHost(hostname: string): boolean {
  const host = bare(hostname);
  if (!isName(host)) return isPublicAddress(host);
  const labels = host.split('.');
  const top = labels[labels.length - 1];
  return (
    host.length <= 253 &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    !INNER_NAMES.has(top)
  );
}

function isLoopbackHost(hostname: string): boolean {
  const host = bare(hostname);
  if (isName(host)) return host === 'localhost';
  return ipaddr.parse(host).range() === 'loopback';
}

const isName = (host: string) => !ipaddr.isValid(host);

/** Removes the brackets of IPv6 and the final dot of a name. */
const bare = (hostname: string) => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
