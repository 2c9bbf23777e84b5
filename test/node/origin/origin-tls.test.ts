import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { originsOf } from '../../../src/placement/origins.ts';
import {
  type Certificate,
  type Certificates,
  makeCertificates,
  notACertificate,
} from '../../support/servers/certificates.ts';
import { pathOf, placedOf } from '../../support/servers/native-origin.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { ProcessEnded } from '../../support/servers/running-process.ts';
import { serverFolder } from '../../support/servers/running-server.ts';
import { certifiedFetch } from '../../support/servers/tls-fetch.ts';
import { realEdge } from '../../support/servers/wasm-edge.ts';

/** Other work may have the processors meanwhile. */
const PATIENT = { timeout: 20_000 };

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';
const PHRASE = { model: 'sori-2', voice: 'clara', input: 'Your table is ready.', response_format: 'pcm' };
const HEAVY = { ...PHRASE, input: 'The table by the window is ready. '.repeat(40) };
const CALLER = { headers: { 'x-sori-caller': 'key_1' } };

let folder: Awaited<ReturnType<typeof serverFolder>>;
let certificates: Certificates;
let root: Certificate;
let server: Certificate;
let edges: Certificate;
let edge: Certificate;
let stranger: Certificate;
let origin: RunningOrigin;

const tlsOf = () => ({
  ORIGIN_TLS_CERT: server.certFile,
  ORIGIN_TLS_KEY: server.keyFile,
  ORIGIN_TLS_CLIENT_CA: edges.certFile,
});

beforeAll(async () => {
  [folder, certificates] = await Promise.all([serverFolder(), makeCertificates()]);
  [root, edges] = await Promise.all([certificates.root('root'), certificates.root('edges')]);
  server = await certificates.from(root, 'server');
  edge = await certificates.from(edges, 'edge');
  stranger = await certificates.from(await certificates.root('strangers'), 'stranger');
  origin = await runOrigin(folder.path, tlsOf());
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await certificates?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** A fetch with this certificate, or with none. */
const fetchAs = (who?: Certificate) =>
  certifiedFetch({ ca: root.cert, ...(who && { cert: who.cert, key: who.key }) });
const at = (path: string, { url } = origin) => new URL(path, url).href;
const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

describe('an origin that requires client certificates', () => {
  it('accepts HTTPS with certificates of its own authority', async () => {
    expect(origin.url.protocol).toBe('https:');
    for (const path of ['/healthz', '/readyz', '/v1/models', '/metrics']) {
      expect((await fetchAs(edge)(at(path), CALLER)).status, path).toBe(200);
    }
  });

  it.each([
    ['no certificate', () => fetchAs()],
    ['a stranger’s', () => fetchAs(stranger)],
    ['its own', () => fetchAs(server)],
    ['one that its holder has made', () => fetchAs(root)],
  ])('refuses %s, also for its health', async (_, who) => {
    for (const path of ['/healthz', '/readyz', '/v1/models']) {
      await expect(who()(at(path), CALLER), path).rejects.toThrow();
    }
  });

  it('refuses plain HTTP', async () => {
    await expect(fetch(at('/healthz').replace('https:', 'http:'))).rejects.toThrow();
  });

  it('refuses requests without a caller', async () => {
    const response = await fetchAs(edge)(at('/v1/models'), {});
    expect([response.status, response.headers.get('x-sori-refused')]).toEqual([403, 'invalid_signature']);
  });

  it('accepts an edge without a secret', async () => {
    const pool = originsOf({ ORIGINS: origin.url.origin, ORIGIN_CERTIFICATE: { fetch: fetchAs(edge) } });
    const here = realEdge(folder.path, pool!);
    const first = await here.speak(HEAVY);
    expect([first.status, placedOf(first)]).toEqual([200, 'origin; reason=cost']);
    const bytes = await first.bytes();
    await expect.poll(async () => (await here.app.request(pathOf(first))).status, PATIENT).toBe(200);
    const again = await here.speak(HEAVY);
    expect(placedOf(again)).toBe('edge; reason=kept');
    expect(Buffer.from(await again.bytes()).equals(bytes)).toBe(true);
  });

  it.each([
    ['no certificate', () => fetchAs()],
    ['a stranger’s', () => fetchAs(stranger)],
  ])('refuses an edge with %s', async (_, who) => {
    const pool = originsOf({ ORIGINS: origin.url.origin, ORIGIN_CERTIFICATE: { fetch: who() } });
    const here = realEdge(folder.path, pool!);
    const fits = await here.speak(HEAVY);
    expect([fits.status, placedOf(fits)]).toEqual([200, 'edge; reason=origin-down']);
    await fits.bytes();
    const forced = await here.speak(PHRASE, { 'X-Sori-Placement': 'origin' });
    expect([forced.status, await codeOf(forced)]).toEqual([503, 'origin_unavailable']);
  });

  it('with secrets too requires both', async () => {
    await using both = await runOrigin(folder.path, { ...tlsOf(), ORIGIN_SECRETS });
    const unsigned = await fetchAs(edge)(at('/v1/models', both), CALLER);
    expect([unsigned.status, unsigned.headers.get('x-sori-refused')]).toEqual([403, 'invalid_signature']);
    await expect(fetchAs()(at('/v1/models', both), CALLER)).rejects.toThrow();
    const pool = originsOf({
      ORIGINS: both.url.origin,
      ORIGIN_SECRETS,
      ORIGIN_CERTIFICATE: { fetch: fetchAs(edge) },
    });
    const response = await realEdge(folder.path, pool!).speak(PHRASE, { 'X-Sori-Placement': 'origin' });
    expect([response.status, placedOf(response)]).toEqual([200, 'origin; reason=forced']);
    await response.bytes();
  });
});

describe('an origin with a server certificate only', () => {
  it('accepts HTTPS from every client with an API key', async () => {
    const { ORIGIN_TLS_CLIENT_CA: _, ...plain } = tlsOf();
    await using open = await runOrigin(folder.path, plain);
    expect((await fetchAs()(at('/healthz', open), {})).status).toBe(200);
    expect((await fetchAs()(at('/v1/models', open), CALLER)).status).toBe(401);
  });
});

describe('an invalid configuration', () => {
  const ended = async (env: Record<string, string>) => {
    const failed = await runOrigin(folder.path, env).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ProcessEnded);
    return failed as ProcessEnded;
  };

  it.each([
    ['a certificate without its key', () => ({ ORIGIN_TLS_CERT: server.certFile }), 'come together'],
    ['clients’ alone', () => ({ ORIGIN_TLS_CLIENT_CA: edges.certFile }), 'needs both'],
    ['the key of another', () => ({ ...tlsOf(), ORIGIN_TLS_KEY: edge.keyFile }), "don't work"],
    ['a file that is not there', () => ({ ...tlsOf(), ORIGIN_TLS_KEY: '/nowhere.key' }), '/nowhere.key'],
  ])('%s: reports it and does not start', async (_, env, said) => {
    const { code, message } = await ended(env());
    expect([code, message]).toEqual([1, expect.stringContaining(said)]);
  });

  it('does not start with an empty list of certificates', async () => {
    const empty = await notACertificate(edges);
    const { code, message } = await ended({ ...tlsOf(), ORIGIN_TLS_CLIENT_CA: empty });
    expect([code, message]).toEqual([1, expect.stringContaining('contains no PEM certificate')]);
  });

  it('an edge needs at least one way to identify itself', () => {
    expect(() => originsOf({ ORIGINS: 'https://a.example' })).toThrow(/ORIGIN_SECRETS or ORIGIN_CERTIFICATE/);
    expect(() =>
      originsOf({ ORIGINS: 'https://a.example', ORIGIN_SECRETS, ORIGIN_HEDGE_MS: 'soon' }),
    ).toThrow(/ORIGIN_HEDGE_MS/);
  });
});
