import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf, isPublicAddress, parseTarget } from '../../../../src/features/jobs/webhooks/target.ts';
import { anyText } from '../../../support/any-text.ts';

const refused = (url: string, rules = {}) => {
  try {
    parseTarget(url, rules);
    return undefined;
  } catch (error) {
    return error;
  }
};

const LOOPBACK = { allowLoopback: true };

const GOOD = [
  'https://example.com/hook',
  'https://example.com:443/hook',
  'https://example.com:8443/hook?a=b',
  'https://EXAMPLE.com./hook',
  'https://bücher.example.com/hook',
  'https://xn--bcher-kva.example.com/hook',
  'https://소리.kr/hook',
  'https://a_b.example.com/',
  'https://8.8.8.8/hook',
  'https://134744072/hook',
  'https://[2606:4700:4700::1111]/hook',
  'https://127.0.0.1.nip.io/hook', // Not its name but the address decides.
];

/** Targets that must be refused, by their fault. */
const BAD: Readonly<Record<string, readonly string[]>> = {
  'no URL': [
    '',
    'example.com',
    '//example.com',
    'https://',
    'https:///',
    'https://[::1',
    'https://exa mple.com',
  ],
  scheme: [
    'http://example.com/',
    'file:///etc/passwd',
    'file://example.com/etc/passwd',
    'ftp://example.com/',
    'gopher://example.com:443/',
    'dict://example.com/',
    'data:text/plain,a',
    'javascript:alert(1)',
    'blob:https://example.com/1',
    'ws://example.com/',
    'wss://example.com/',
    'unix:/var/run/docker.sock',
  ],
  credentials: ['https://user@example.com/', 'https://user:pass@example.com/', 'https://:pass@example.com/'],
  port: [
    'https://example.com:22/',
    'https://example.com:80/',
    'https://example.com:6379/',
    'https://example.com:65535/',
    'https://example.com:0/',
  ],
  'unseen characters': [
    ' https://example.com/',
    'https://example.com/ a',
    'https://exa\tmple.com/',
    'https://example.com/\n',
    'https://example.com/\r\nX-Evil: 1',
    'https://example.com\\@10.0.0.1/',
    'https:\\\\10.0.0.1/',
    'https://example.com/\u0000',
    'https://exam\u200bple.com/',
    'https://example.com/\u202e',
  ],
  'this machine': [
    'https://127.0.0.1/',
    'https://127.1/',
    'https://127.255.255.254/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://0/',
    'https://0.0.0.0/',
    'https://0x0/',
    'https://127.0.0.1./',
    'https://①②⑦.⓪.⓪.①/',
    'https://１２７.0.0.1/',
    'https://127。0。0。1/',
    'https://%31%32%37.0.0.1/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://ⓛocalhost/',
    'https://loc%61lhost/',
    'https://a.localhost/',
    'https://localhost.localdomain/',
  ],
  'private networks': [
    'https://10.0.0.1/',
    'https://10.255.255.255/',
    'https://167772161/',
    'https://012.0.0.1/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://0xc0a80001/',
    'https://192.168.257/',
    'https://100.64.0.1/',
    'https://198.18.0.1/',
    'https://192.0.0.8/',
    'https://[fc00::1]/',
    'https://[fd12:3456:789a::1]/',
    'https://[fec0::1]/',
  ],
  'link local and metadata': [
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xA9FEA9FE/',
    'https://0251.0376.0251.0376/',
    'https://169.254.43518/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fe80::1]/',
    'https://[febf::1]/',
    'https://[fd00:ec2::254]/',
    'https://100.100.100.200/',
    'https://192.0.0.192/',
    'https://168.63.129.16/',
    'https://metadata.google.internal/',
  ],
  'IPv4 inside of IPv6': [
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:0:10.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[64:ff9b::8.8.8.8]/',
    'https://[64:ff9b:1::a00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2002:a00:1::1]/',
    'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    'https://[2606:4700::5efe:a00:1]/',
    'https://[2606:4700::200:5efe:a00:1]/',
  ],
  'what is nobody’s': [
    'https://224.0.0.1/',
    'https://239.255.255.255/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
    'https://192.0.2.1/',
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://192.88.99.1/',
    'https://[ff02::1]/',
    'https://[2001:db8::1]/',
    'https://[3fff::1]/',
    'https://[100::1]/',
    'https://[4000::1]/',
    'https://[5f00::1]/',
  ],
  'inner names': [
    'https://intranet/',
    'https://db/',
    'https://kubernetes.default.svc.cluster.local/',
    'https://printer.local/',
    'https://nas.lan/',
    'https://router.home/',
    'https://router.home.arpa/',
    'https://mail.corp/',
    'https://vault.internal/',
    'https://vault.internal./',
    'https://vault.INTERNAL/',
    'https://wiki.intranet/',
    'https://facebookcorewwwi.onion/',
    'https://a.test/',
    'https://a.example/',
    'https://a.invalid/',
    'https://1.0.0.127.in-addr.arpa/',
    'https://a..com/',
    'https://-a.com/',
    `https://${'a'.repeat(64)}.com/`,
    `https://${'abcdefgh.'.repeat(32)}com/`,
  ],
  length: [`https://example.com/${'a'.repeat(2048)}`],
};

describe('targets of webhooks', () => {
  it.each(GOOD)('%s', (url) => expect(refused(url)).toBeUndefined());

  it('allows other ports where WEBHOOK_PORTS lists them', () => {
    expect(refused('https://example.com:9000/', { ports: [9000] })).toBeUndefined();
    expect(refused('https://example.com/', { ports: [9000] })).toMatchObject({ code: 'invalid_webhook' });
  });
});

describe.each(Object.entries(BAD))('refused: %s', (_, urls) => {
  it.each(urls)('%j', (url) => {
    expect(refused(url)).toMatchObject({ code: 'invalid_webhook', param: 'webhook' });
  });
});

describe('with loopback allowed', () => {
  it.each([
    'http://127.0.0.1:4000/hook',
    'http://localhost:4000/',
    'https://localhost/',
    'http://[::1]:4000/',
    'http://127.9.9.9/',
    'http://2130706433/',
  ])('%s is allowed', (url) => expect(refused(url, LOOPBACK)).toBeUndefined());

  it.each([
    'http://10.0.0.1/',
    'http://example.com/',
    'http://169.254.169.254/',
    'http://0.0.0.0/',
    'http://a.localhost/',
    'http://[::ffff:127.0.0.1]/',
    'http://u@127.0.0.1/',
    'ftp://127.0.0.1/',
    'file://localhost/etc/passwd',
  ])('%s is refused', (url) => expect(refused(url, LOOPBACK)).toMatchObject({ code: 'invalid_webhook' }));
});

describe('names', () => {
  const url = new URL('https://hooks.example.com/');
  const found =
    (...addresses: string[]) =>
    async () =>
      addresses;

  it('are connected to at the address that they resolved to', async () => {
    const addresses = ['93.184.215.14', '2606:2800:21f:cb07::1'];
    expect(await addressesOf(url, found(...addresses))).toEqual(addresses);
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['::1'],
    ['::ffff:10.0.0.1'],
    ['fe80::1%eth0'],
    ['64:ff9b::7f00:1'],
    ['169.254.169.254'],
    ['93.184.215.14', '192.168.0.1'],
    ['93.184.215.14', 'fd00::1'],
    ['no address'],
  ])('that resolve to %s are refused', async (...addresses) => {
    expect(await addressesOf(url, found(...addresses))).toBe('forbidden_target');
    // Also in development: it allows loopback addresses, not names that resolve to them.
    expect(await addressesOf(url, found(...addresses), LOOPBACK)).toBe('forbidden_target');
  });

  it('that do not exist are distinguished from a failing resolver', async () => {
    expect(await addressesOf(url, found())).toBe('unresolved');
    const away = () => Promise.reject(new Error('The resolver is away.'));
    await expect(addressesOf(url, away)).rejects.toThrow('away');
  });

  it('are not looked up where the host is an address or localhost', async () => {
    const never = () => Promise.reject(new Error('Nothing was to be resolved.'));
    expect(await addressesOf(new URL('https://8.8.8.8/'), never)).toEqual(['8.8.8.8']);
    expect(await addressesOf(new URL('https://[2606:4700::1]/'), never)).toEqual(['2606:4700::1']);
    expect(await addressesOf(new URL('https://10.0.0.1/'), never)).toBe('forbidden_target');
    expect(await addressesOf(new URL('http://localhost:1/'), never, LOOPBACK)).toEqual(['127.0.0.1', '::1']);
    expect(await addressesOf(new URL('http://127.0.0.2:1/'), never, LOOPBACK)).toEqual(['127.0.0.2']);
  });
});

describe('properties', () => {
  /** RFC 6890 and its registry, written down once more and by other means: first and last address as numbers. */
  const CLOSED = [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ].map(([first, bits]) => {
    const from = String(first)
      .split('.')
      .reduce((sum, part) => sum * 256 + Number(part), 0);
    return [from, from + 2 ** (32 - Number(bits))] as const;
  });
  const isClosed = (address: number) => CLOSED.some(([from, to]) => address >= from && address < to);
  const quad = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255);

  /** Addresses, with many at the borders of what is closed. */
  const address4 = fc.oneof(
    fc.nat(0xffffffff),
    fc
      .tuple(fc.constantFrom(...CLOSED.flat()), fc.integer({ min: -2, max: 2 }))
      .map(([border, by]) => (((border + by) % 2 ** 32) + 2 ** 32) % 2 ** 32),
    fc.tuple(fc.constantFrom(...CLOSED), fc.nat()).map(([[from, to], n]) => from + (n % (to - from))),
  );
  const octal = (n: number) => `0${n.toString(8)}`;
  const hex = (n: number) => `0x${n.toString(16)}`;
  const spell = fc.constantFrom<(n: number) => string>(
    (n) => quad(n).join('.'),
    (n) => String(n),
    hex,
    octal,
    (n) => quad(n).map(octal).join('.'),
    (n) => quad(n).map(hex).join('.'),
    (n) => `${n >>> 24}.${n & 0xffffff}`,
    (n) => `${hex(n >>> 24)}.${(n >>> 16) & 255}.${octal(n & 0xffff)}`,
    (n) => `${quad(n).join('.')}.`,
  );

  it('refuses exactly the closed IPv4 addresses, in every notation', () => {
    fc.assert(
      fc.property(address4, spell, (n, write) => {
        if (
          quad(n)
            .join('.')
            .match(/^192\.(31\.196|52\.193|175\.48)\.|^168\.63\.129\.16$/)
        )
          return;
        expect(refused(`https://${write(n)}/`) !== undefined).toBe(isClosed(n));
        expect(isPublicAddress(quad(n).join('.'))).toBe(!isClosed(n));
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every IPv6 form of an IPv4 address, and all addresses outside 2000::/3', () => {
    const forms = ['::ffff:', '::', '::ffff:0:', '64:ff9b::', '64:ff9b:1::'];
    const pair = (n: number) => `${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;
    fc.assert(
      fc.property(address4, fc.constantFrom(...forms), (n, form) => {
        expect(refused(`https://[${form}${quad(n).join('.')}]/`)).toBeDefined();
        expect(refused(`https://[${form}${pair(n)}]/`)).toBeDefined();
        expect(refused(`https://[2002:${pair(n)}::1]/`)).toBeDefined();
        expect(refused(`https://[2606:4700::5efe:${pair(n)}]/`)).toBeDefined();
      }),
    );
    const group = fc.nat(0xffff);
    fc.assert(
      fc.property(fc.tuple(group, group, group, group, group, group, group, group), (groups) => {
        if (groups[0] >= 0x2000 && groups[0] < 0x4000) return;
        expect(isPublicAddress(groups.map((part) => part.toString(16)).join(':'))).toBe(false);
      }),
    );
  });

  it('any text is either a valid target or a typed refusal', () => {
    const text = fc.oneof(
      anyText().map((rest) => `https://${rest}`),
      fc.webUrl({ validSchemes: ['http', 'https', 'ftp'], withFragments: true, withQueryParameters: true }),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (given) => {
        const error = refused(given);
        if (error !== undefined) {
          expect(error).toMatchObject({ code: 'invalid_webhook' });
          return;
        }
        const url = parseTarget(given);
        expect(url.protocol).toBe('https:');
        expect(url.username + url.password).toBe('');
        expect(['', '8443']).toContain(url.port);
        expect(url.hostname).toMatch(/\./);
      }),
      { numRuns: 500 },
    );
  });
});
