import { type ChildProcess, execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { bundledScript } from './servers/bundled-script.ts';

const SORI = resolve(import.meta.dirname, '../../scripts/sori.ts');

/** Exit code and output of a command. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link runSori}. */
export interface SoriOptions {
  readonly url?: URL;
  readonly apiKey?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Called with the process, to send signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs `sori` as a process of its own, bundled. The documented commands and the package run it from its source. */
export async function runSori(args: readonly string[], options: SoriOptions = {}): Promise<Ended> {
  const { url, apiKey = '', env, cwd, stdin = '', onStart } = options;
  const script = await bundledScript(SORI);
  return await new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['--no-warnings', script, ...args],
      {
        cwd,
        env: { ...process.env, SORI_SIGNING_KEY: '', SORI_URL: url?.href, SORI_API_KEY: apiKey, ...env },
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end(stdin);
    onStart?.(child);
  });
}
