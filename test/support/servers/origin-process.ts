import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { bundledScript } from './bundled-script.ts';

const ORIGIN = resolve(import.meta.dirname, '../../fixtures/tone-origin.ts');

/** Secrets that an {@link OriginProcess} shares with its edge. */
export const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';

/** An origin in a process of its own. */
export interface OriginProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** Counts of syntheses, and the requests that it received. */
  count(): Promise<{
    spoken: number;
    made: number;
    ended: number;
    aborted: number;
    seen: { method: string; url: string; caller: string | null; headers: Record<string, string> }[];
  }>;
  /** Kills the process (SIGKILL). */
  kill(): Promise<void>;
}

/** Starts an origin and waits until it listens. */
export async function startOrigin(env: Readonly<Record<string, string>> = {}): Promise<OriginProcess> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', await bundledScript(ORIGIN)],
    {
      env: { ...process.env, ORIGIN_SECRETS, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const [port] = await Promise.race([
    once(createInterface(child.stdout), 'line') as Promise<[string]>,
    once(child, 'exit').then(([code]) => {
      throw new Error(`The origin ended with ${code}: ${said}`);
    }),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const count = async () => (await (await fetch(`${url}/count`)).json()) as never;
  return { url, child, count, kill, [Symbol.asyncDispose]: kill };
}
