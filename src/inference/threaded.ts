import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type GraphSession, type InferenceBackend, InferenceError, type Tensors } from './backend.ts';
import type { NativeOptions } from './native.ts';
import { createCallQueue } from './queue.ts';
import { buffersOf, type ThreadAnswer, type ThreadCall, type ThreadReply } from './threaded-calls.ts';

/** Sends a request to the thread; faults become {@link InferenceError}. */
type Ask = (call: ThreadCall, handedOver?: ArrayBuffer[]) => Promise<ThreadAnswer>;

/**
 * onnxruntime-node in a thread of its own. Its calls block their thread. In the thread of the event loop, a server would neither read
 * requests nor notice disconnects while a network runs, and a second core would be idle. A thread that crashes ends the process: its
 * sessions are lost, and the supervisor restarts the server.
 */
export function createThreadedBackend(options: NativeOptions = {}): InferenceBackend {
  const queue = createCallQueue();
  let ask: Ask | undefined;
  return {
    name: `native-${options.executionProviders?.[0] ?? 'cpu'}`,
    createSession: (source) =>
      queue(async () => {
        ask ??= startThread(options);
        const { session = 0, inputNames = [], outputNames = [] } = await ask({ what: 'create', source });
        return remoteSession(ask, session, { inputNames, outputNames }, queue);
      }),
  };
}

function remoteSession(
  ask: Ask,
  session: number,
  names: Pick<GraphSession, 'inputNames' | 'outputNames'>,
  queue: ReturnType<typeof createCallQueue>,
): GraphSession {
  let released = false;
  return {
    ...names,
    run: (inputs, signal, given = false) => {
      const run = async () => {
        if (released) throw new InferenceError('The session has been released');
        const call = { what: 'run', session, inputs } as const;
        return (await ask(call, given ? buffersOf(inputs) : [])).outputs as Tensors;
      };
      // Runs are sent at once and queue in the thread, so that it is not idle until the end of its last run has been handled here.
      return given && !signal ? run() : queue(run, signal);
    },
    release: () =>
      queue(async () => {
        if (released) return;
        released = true;
        await ask({ what: 'release', session });
      }),
  };
}

function startThread(options: NativeOptions): Ask {
  const worker = new Worker(join(import.meta.dirname, `threaded-worker${extname(import.meta.filename)}`), {
    workerData: options,
  });
  // Only pending calls keep the process alive.
  worker.unref();
  const waiting = new Map<number, { resolve(answer: ThreadAnswer): void; reject(fault: Error): void }>();
  let last = 0;
  worker.on('message', ({ id, answer, fault }: ThreadReply) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (answer) call?.resolve(answer);
    else call?.reject(new InferenceError(fault ?? 'The inference thread gave no reason'));
  });
  return (call, handedOver) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.ref();
      worker.postMessage({ id: last, call }, handedOver);
    });
}
