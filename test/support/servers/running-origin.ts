import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { bundledScript } from './bundled-script.ts';
import { type RunningProcess, runProcess } from './running-process.ts';

/** The script of `npm run origin`. */
export const ORIGIN_SCRIPT = resolve(import.meta.dirname, '../../../src/origin.ts');

/** The administrator's key of a {@link runOrigin}. */
export const ORIGIN_ADMIN_KEY = 'correct-horse-battery-staple';

/** Its hash, for `ADMIN_KEY_SHA256`. */
export const ORIGIN_ADMIN_HASH = createHash('sha256').update(ORIGIN_ADMIN_KEY).digest('hex');

/** `npm run origin` in a process of its own. */
export type RunningOrigin = RunningProcess & AsyncDisposable;

/**
 * Starts an origin over a `serverFolder` and waits until it is ready. By default it runs on one thread of the CPU, with keys on.
 * @param script runs in place of the bundled {@link ORIGIN_SCRIPT}.
 * @throws {ProcessEnded} when it exits instead.
 */
export async function runOrigin(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  script?: string,
): Promise<RunningOrigin> {
  const settings = {
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
  };
  const greeting = /^The origin is ready at (\S+) /m;
  const running = await runProcess(
    ['--no-warnings', script ?? (await bundledScript(ORIGIN_SCRIPT)), ...args],
    settings,
    greeting,
  );
  return {
    ...running,
    url: new URL(running.url.href.replace('0.0.0.0', '127.0.0.1')),
    [Symbol.asyncDispose]: async () => void (await running.stop('SIGKILL')),
  };
}
