import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientAddressBehind } from '../../../src/origin/client-address.ts';
import { ConfigError, readConfig } from '../../../src/origin/config.ts';
import { helpText, VARIABLES } from '../../../src/origin/variables.ts';

describe('the environment of an origin', () => {
  it('may be empty', () => {
    expect(readConfig({ PORT: '', S3_BUCKET: ' ' })).toMatchObject({
      port: 8788,
      host: '127.0.0.1',
      auth: true,
      providers: ['cuda', 'webgpu', 'cpu'],
      models: ['sori-2'],
      corsOrigins: ['*'],
      bucket: undefined,
      maxRequests: 64,
      requestTimeoutMs: 300_000,
    });
  });

  it('is parsed', () => {
    const config = readConfig({
      PORT: '0',
      SORI_EP: 'wasm, cpu',
      MODELS: 'a,b',
      S3_BUCKET: 'sori',
      S3_ENDPOINT: 'https://id.r2.cloudflarestorage.com',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'secret',
      SHARDS: 'bucket',
      ORIGIN_SECRETS: `k1:${'x'.repeat(40)}`,
      AUTH: 'off',
      HOST: '0.0.0.0',
    });
    expect(config).toMatchObject({
      providers: ['wasm', 'cpu'],
      models: ['a', 'b'],
      shards: 'bucket',
      bucket: {
        bucket: 'sori',
        region: 'auto',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      },
    });
    expect([...(config.originKeys ?? [])]).toHaveLength(1);
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a whole number'],
    [{ PORT: '70000' }, 'PORT must be 65535 or less'],
    [{ AUTH: 'no' }, 'AUTH must be "on" or "off"'],
    [{ SORI_EP: 'cpu,tpu' }, 'SORI_EP must be of: cuda, webgpu, cpu, wasm'],
    [{ SORI_EP: ',' }, 'SORI_EP must name a provider'],
    [{ MODELS: ',' }, 'MODELS must name a model'],
    [{ KEEP_VERSIONS: '0' }, 'KEEP_VERSIONS must be 1 or more'],
    [{ KEEP_AUDIO_DAYS: '1' }, 'KEEP_AUDIO_DAYS must be 2 or more'],
    [
      { KEEP_AUDIO_DAYS: '30', S3_BUCKET: 'sori', ORIGIN_SECRETS: `k1:${'x'.repeat(40)}` },
      'KEEP_AUDIO_DAYS cannot be set on an origin',
    ],
    [{ REQUEST_TIMEOUT: '0' }, 'REQUEST_TIMEOUT must be 1 or more'],
    [{ ADMIN_KEY_SHA256: 'abc' }, 'ADMIN_KEY_SHA256 must be 64 hex digits'],
    [{ S3_ENDPOINT: 'r2' }, 'S3_ENDPOINT must be an http(s) address'],
    [{ S3_ACCESS_KEY_ID: 'x' }, 'Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY'],
    [{ SHARDS: 'bucket' }, 'S3_BUCKET names none'],
    [{ TRUST_PROXY: 'everyone' }, 'TRUST_PROXY: everyone is not an address'],
    [{ ORIGIN_SECRETS: 'short' }, 'ORIGIN_SECRETS'],
    [{ AUTH: 'off', HOST: '0.0.0.0' }, 'a loopback address only'],
    [{ AUTH: 'off', HOST: '::' }, 'a loopback address only'],
  ])('refuses %j', (env, message) => {
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).toThrow(message);
  });

  it('reports all faults at once, and no secret', () => {
    expect(() => readConfig({ PORT: 'x', LOG_TEXT: 'y' })).toThrow(/PORT.*\n.*LOG_TEXT/);
    const secret = 'hunter2hunter2';
    expect(() => readConfig({ SIGNING_KEYS: `k1:${secret}` })).toThrow(expect.not.stringContaining(secret));
  });

  it('is described by --help and by docs/origin.md', () => {
    const page = readFileSync('docs/origin.md', 'utf8');
    const help = helpText();
    for (const { name, preset, about } of VARIABLES) {
      for (const part of [name, preset, about]) expect(help).toContain(part);
    }
    const missing = VARIABLES.filter(({ name }) => !page.includes(`| \`${name}\` |`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

describe('the client’s address', () => {
  const from = (socket: string, forwarded: string | undefined, ...trusted: string[]) =>
    clientAddressBehind(trusted)(new Headers(forwarded ? { 'x-forwarded-for': forwarded } : {}), {
      incoming: { socket: { remoteAddress: socket } },
    });

  it.each([
    ['nobody is trusted', from('203.0.113.9', '1.2.3.4'), '203.0.113.9'],
    ['the proxy is not the one that is trusted', from('203.0.113.9', '1.2.3.4', '10.0.0.1'), '203.0.113.9'],
    ['the proxy is trusted', from('10.0.0.1', '1.2.3.4', '10.0.0.1'), '1.2.3.4'],
    ['two of them are', from('10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9', '10.0.0.0/8'), '1.2.3.4'],
    ['IPv4 comes as IPv6', from('::ffff:127.0.0.1', '1.2.3.4', 'loopback'), '1.2.3.4'],
    ['it is IPv6', from('fd00::1', '2001:db8::5', 'private'), '2001:db8::5'],
    ['its range is', from('2001:db8::1', '1.2.3.4', '2001:db8::/32'), '1.2.3.4'],
    ['the header is missing', from('10.0.0.1', undefined, 'private'), '10.0.0.1'],
    ['the header is no address', from('10.0.0.1', '<script>', 'private'), '10.0.0.1'],
    ['all in it are trusted', from('10.0.0.1', '10.0.0.3, 10.0.0.2', 'private'), '10.0.0.3'],
  ])('is found where %s', (_what, address, expected) => {
    expect(address).toBe(expected);
  });

  it('is unknown without a socket', () => {
    expect(clientAddressBehind([])(new Headers(), {})).toBe('unknown');
  });
});
