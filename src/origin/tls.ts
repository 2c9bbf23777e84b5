import { readFileSync } from 'node:fs';
import { createSecureContext, type TLSSocket } from 'node:tls';
import type { HttpBindings } from '@hono/node-server';
import { ConfigError, type TlsFiles } from './config.ts';

/** The TLS settings of a listener. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Certificates that clients' must come from; absent = clients need none. */
  readonly clientCa?: Buffer;
}

/**
 * Reads what the configuration names.
 * @throws {ConfigError} when a file cannot be read or is malformed.
 */
export function readTls({ cert, key, clientCa }: TlsFiles): Tls {
  const read = (name: string, path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ConfigError(`${name} ${path} cannot be read: ${(error as Error).message}`);
    }
  };
  const tls: Tls = {
    cert: read('ORIGIN_TLS_CERT', cert),
    key: read('ORIGIN_TLS_KEY', key),
    ...(clientCa !== undefined && { clientCa: read('ORIGIN_TLS_CLIENT_CA', clientCa) }),
  };
  if (tls.clientCa && !tls.clientCa.includes('-----BEGIN CERTIFICATE-----')) {
    // Node would take anything for a list of no certificates.
    throw new ConfigError('ORIGIN_TLS_CLIENT_CA contains no PEM certificate.');
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

/** Whether the client has shown a certificate of our CA. The listener requires one; this verifies it again. */
export function isCertified(env: unknown): boolean {
  const { incoming } = env as HttpBindings;
  return (incoming.socket as Partial<TLSSocket>).authorized === true;
}
