import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestProject } from 'vitest/node';

const RECEIVER = resolve(import.meta.dirname, '../../fixtures/webhook-receiver.ts');

/** A receiver of webhooks in a process of its own. */
export interface ReceiverProcess extends AsyncDisposable {
  readonly url: URL;
  /** Kills the process, to simulate a machine that fails. */
  kill(): Promise<void>;
}

/** Starts a receiver and waits until it listens; `port` 0 is any. */
export async function startReceiver(port = 0): Promise<ReceiverProcess> {
  const child: ChildProcess = spawn(process.execPath, [RECEIVER, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url: new URL(line), kill, [Symbol.asyncDispose]: kill };
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of a receiver of webhooks in a process of its own. */
    webhookReceiver: string;
  }
}

/** Vitest's global set-up: a receiver for tests that run where no process can be started. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const receiver = await startReceiver();
  project.provide('webhookReceiver', receiver.url.href);
  return () => receiver.kill();
}
