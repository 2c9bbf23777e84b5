/**
 * Whether a server that is reached by this name may run without API keys: only where no other machine can reach it.
 * The name is the client's word: a server that others can reach must not be started with keys off either way.
 * @param hostname as `URL.hostname` has it: IPv6 in brackets or without.
 */
export function authOffAllowed(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  // RFC 6761, section 6.3: localhost and all names in it mean this machine.
  if (name === 'localhost' || /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+localhost$/.test(name)) return true;
  if (name === '::1') return true;
  const octets = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name)?.slice(1);
  return octets?.every((octet) => Number(octet) <= 255) ?? false;
}
