import { readFileSync } from 'node:fs';
import { createSecureContext, type TLSSocket } from 'node:tls';
import type { HttpBindings } from '@hono/node-server';
import { ConfigError, type TlsFiles } from './config.ts';

/** What a listener presents, and whom it lets in. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Certificates that clients' must come from; absent = clients need none. */
  readonly clientCa?: Buffer;
}

/**
 * Reads what the configuration names.
 * @throws {ConfigError} when a file can't be read, or is not what it should be.
 */
export function readTls({ cert, key, clientCa }: TlsFiles): Tls {
  const read = (name: string, path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ConfigError(`${name} ${path} can not be read: ${(error as Error).message}`);
    }
  };
  const tls: Tls = {
    cert: read('ORIGIN_TLS_CERT', cert),
    key: read('ORIGIN_TLS_KEY', key),
    ...(clientCa !== undefined && { clientCa: read('ORIGIN_TLS_CLIENT_CA', clientCa) }),
  };
  if (tls.clientCa && !tls.clientCa.includes('-----BEGIN CERTIFICATE-----')) {
    // Node would take anything for a list of no certificates.
    throw new ConfigError('ORIGIN_TLS_CLIENT_CA has no certificate in it; it is to be PEM.');
  }
  try {
    createSecureContext({ cert: tls.cert, key: tls.key, ca: tls.clientCa });
  } catch (error) {
    throw new ConfigError(
      `ORIGIN_TLS_CERT, ORIGIN_TLS_KEY and ORIGIN_TLS_CLIENT_CA don't work: ${(error as Error).message}`,
    );
  }
  return tls;
}

/** Has the client of a request shown a certificate of ours? The listener lets nobody else in; this holds it to that. */
export function isCertified(env: unknown): boolean {
  const { incoming } = env as HttpBindings;
  return (incoming.socket as Partial<TLSSocket>).authorized === true;
}
