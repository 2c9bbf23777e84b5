import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** `npm run origin` in a process of its own. */
export interface BenchOrigin extends AsyncDisposable {
  readonly url: string;
  /** Its execution provider, as in its greeting: `native-cpu`. */
  readonly backend: string;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

/**
 * Starts an origin on a free port and waits until it is ready. It computes with `SORI_EP`, by default on the CPU.
 * @throws its output if it ends instead.
 */
export async function startOrigin(
  stateDir: string,
  env: Readonly<Record<string, string>>,
): Promise<BenchOrigin> {
  const child = spawn(process.execPath, ['--no-warnings', 'src/origin.ts'], {
    env: { ...process.env, PORT: '0', STATE_DIR: stateDir, SORI_EP: process.env.SORI_EP ?? 'cpu', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (data: Buffer) => {
    output += data;
  });
  for await (const line of createInterface(child.stdout)) {
    const greeting = /is ready at (http:\/\/[\w.:]+) \((.+)\)/.exec(line);
    if (greeting === null) continue;
    child.stdout.resume();
    const end = (signal: NodeJS.Signals) => () => ended(child, signal);
    return {
      url: greeting[1],
      backend: greeting[2],
      kill: end('SIGKILL'),
      [Symbol.asyncDispose]: end('SIGTERM'),
    };
  }
  throw new Error(output.trim() || 'The origin did not start.');
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
