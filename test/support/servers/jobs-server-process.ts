import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { bundledScript } from './bundled-script.ts';

const SERVER = resolve(import.meta.dirname, '../../fixtures/jobs-server.ts');

/** A server that runs jobs, in a process of its own, over the state in a folder. */
export interface JobsServer extends AsyncDisposable {
  readonly url: string;
  /** Kills the process (SIGKILL). */
  kill(): Promise<void>;
}

/** Starts a server and waits until it listens. */
export async function startJobsServer(folder: string): Promise<JobsServer> {
  const child: ChildProcess = spawn(process.execPath, [await bundledScript(SERVER), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  for await (const url of createInterface({ input: child.stdout! })) {
    return { url, kill, [Symbol.asyncDispose]: kill };
  }
  throw new Error('The server exited before it printed its address.');
}

/** An event of a job's event stream. */
export interface SeenEvent {
  readonly type: string;
  readonly done: number;
}

/** Reads a job's events up to the first that matches, or all of them. */
export async function followJobAt(
  url: string,
  id: string,
  until: (event: SeenEvent) => boolean = () => false,
): Promise<SeenEvent[]> {
  const response = await fetch(`${url}/v1/jobs/${id}/events`);
  let seen: SeenEvent[] = [];
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    seen = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, type, data]) => ({
      type,
      done: JSON.parse(data).done,
    }));
    if (seen.some(until)) break;
  }
  return seen;
}
