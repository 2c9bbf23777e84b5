import { type ChildProcess, spawn } from 'node:child_process';

/** How a process has ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own. */
export interface RunningProcess {
  readonly url: URL;
  readonly child: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

/** A server exited instead of starting. */
export class ProcessEnded extends Error {
  readonly code: number | null;
  constructor(code: number | null, output: string) {
    super(output);
    this.code = code;
  }
}

/**
 * Runs a script of Node and waits until it prints its address.
 * @param greeting matches the output that ends the start. Its first group is the address.
 * @throws {ProcessEnded} when it exits instead.
 */
export async function runProcess(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  greeting: RegExp,
): Promise<RunningProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = new Promise<Exit>((done) => {
    child.once('close', (code, signal) => done({ code, signal }));
  });
  let output = '';
  const url = await new Promise<URL>((done, fail) => {
    const read = (data: Buffer) => {
      output += data;
      const address = greeting.exec(output)?.[1];
      if (address !== undefined) done(new URL(address));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(({ code }) => fail(new ProcessEnded(code, output)));
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return await ended;
  };
  return { url, child, output: () => output, stop };
}
