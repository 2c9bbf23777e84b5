import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

const ORIGIN = resolve(import.meta.dirname, '../../../src/origin.ts');

/** The administrator's key of a {@link runOrigin}. */
export const ORIGIN_ADMIN_KEY = 'correct-horse-battery-staple';

/** Its hash, for `ADMIN_KEY_SHA256`. */
export const ORIGIN_ADMIN_HASH = createHash('sha256').update(ORIGIN_ADMIN_KEY).digest('hex');

/** `npm run origin` in a process of its own. */
export interface RunningOrigin extends AsyncDisposable {
  readonly url: URL;
  readonly child: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** An origin exited instead of starting. */
export class OriginEnded extends Error {
  readonly code: number | null;
  constructor(code: number | null, output: string) {
    super(output);
    this.code = code;
  }
}

/**
 * Starts an origin over a `serverFolder` and waits until it is ready. By default it runs on one thread of the CPU, with keys on.
 * @throws {OriginEnded} when it exits instead.
 */
export async function runOrigin(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<RunningOrigin> {
  const child = spawn(process.execPath, ['--no-warnings', ORIGIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      PORT: '0',
      SHARDS: join(folder, 'shards'),
      STATE_DIR: join(folder, 'origin'),
      ADMIN_KEY_SHA256: ORIGIN_ADMIN_HASH,
      SORI_EP: 'cpu',
      SORI_THREADS: '1',
      ...env,
    },
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('close', (code, signal) => done({ code, signal }));
  });
  let output = '';
  const url = await new Promise<URL>((done, fail) => {
    const read = (data: Buffer) => {
      output += data;
      const greeting = output.match(/^Sori's origin speaks at (\S+) /m);
      if (greeting) done(new URL(greeting[1].replace('0.0.0.0', '127.0.0.1')));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(({ code }) => fail(new OriginEnded(code, output)));
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return await ended;
  };
  return {
    url,
    child,
    output: () => output,
    stop,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
