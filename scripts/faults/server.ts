import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const START = resolve(import.meta.dirname, '../start.ts');
/** A loaded machine takes a while to build and to load the model. */
const START_MS = 180_000;

/** `npm start` in a process group of its own. */
export interface FaultyServer {
  readonly url: string;
  /** Kills all of its processes with SIGKILL, and waits for their end. */
  kill(): Promise<void>;
}

/** Starts `npm start` with its state in `folder`, and waits until it greets. @throws when it ends before that. */
export async function startServer(
  folder: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<FaultyServer> {
  const child = spawn(
    process.execPath,
    [START, '--port', '0', '--persist-to', join(folder, 'state'), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, detached: true },
  );
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid)
      process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  try {
    return { url: await greeting(child), kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

function greeting(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let output = '';
    const timer = setTimeout(() => fail(new Error(`The server did not start:\n${output}`)), START_MS);
    const read = (data: Buffer) => {
      output = (output + data).slice(-10_000);
      const url = /^Sori is ready at (\S+)$[\s\S]*Ctrl-C/m.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      done(url.replace(/\/$/, ''));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => fail(new Error(`The server ended:\n${output}`)));
  });
}
