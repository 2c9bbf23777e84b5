import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate and its key, as PEM, with the paths of their files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A folder of certificates that openssl makes for a test. */
export interface Certificates extends AsyncDisposable {
  /** Makes a root certificate. */
  root(name: string): Promise<Certificate>;
  /** Makes a certificate for 127.0.0.1, signed by a root. */
  from(root: Certificate, name: string, options?: { readonly days?: number }): Promise<Certificate>;
}

/** Makes the folder. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-certificates-'));
  const make = async (name: string, args: readonly string[]): Promise<Certificate> => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
    await run('openssl', ['req', '-x509', ...key, '-out', certFile, '-subj', `/CN=${name}`, ...args]);
    const [cert, secret] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { cert, key: secret, certFile, keyFile };
  };
  return {
    root: (name) => make(name, ['-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE']),
    async from(root, name, { days = 2 } = {}) {
      const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=CA:FALSE'];
      const signed = ['-CA', root.certFile, '-CAkey', root.keyFile, '-days', String(days)];
      return await make(name, [...signed, ...names]);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Writes a file that is not a certificate. */
export async function notACertificate({ certFile }: Certificate): Promise<string> {
  const path = `${certFile}.txt`;
  await writeFile(path, 'There is nothing here.\n');
  return path;
}
