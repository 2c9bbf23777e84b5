import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { deferred } from '../base/deferred.ts';
import { SoriError } from '../base/errors.ts';
import type { GraphOptions } from './graph.ts';
import { ModelFault, type ModelManifest } from './manifest.ts';
import type { Task, TaskEvent, TaskInput } from './tasks.ts';
import { buffersOf, type ThreadData, type ThreadFault, type ThreadReply } from './thread-calls.ts';

/** How a model is opened. */
export interface ThreadOptions {
  readonly manifest: ModelManifest;
  /** Folder of its files. */
  readonly folder: string;
  readonly graphs: GraphOptions;
  /** Run the driver's trial input before it counts as open? Default no. */
  readonly trial?: boolean;
  /** Called with the number of bytes that were verified. */
  readonly onBytes?: (bytes: number) => void;
  /** Called once when the thread ends on its own. */
  readonly onDeath?: (cause: Error) => void;
  readonly signal?: AbortSignal;
}

/** A model that is open in a thread of its own. */
export interface ModelThread<T extends Task> {
  /**
   * Runs the task once. Calls run one after the other. Arrays of the input are transferred. If the caller stops reading or its signal
   * aborts, the work ends at its next step.
   */
  run(input: TaskInput<T>, signal?: AbortSignal): AsyncGenerator<TaskEvent<T>, void>;
  /** Ends the thread after its current step, which gives all of its memory back. Calls under way fail. */
  close(): Promise<void>;
}

/** The reader of a call's events. */
interface Listener {
  readonly events: unknown[];
  ended: boolean;
  fault?: Error;
  wake: () => void;
}

/**
 * Opens a model in a thread of its own: a network occupies the thread that runs it, and only a thread's end gives the memory of
 * onnxruntime back.
 * @throws {ModelFault} when the folder's content does not fit; the signal's reason.
 */
export async function openThread<T extends Task>(options: ThreadOptions): Promise<ModelThread<T>> {
  const { manifest, folder, graphs, trial = false, onBytes, signal } = options;
  signal?.throwIfAborted();
  const workerData: ThreadData = { manifest, folder, graphs, trial };
  const worker = new Worker(join(import.meta.dirname, `model-thread${extname(import.meta.filename)}`), {
    workerData,
  });
  const listeners = new Map<number, Listener>();
  let ids = 0;
  let closed = false;
  let dead: Error | undefined;

  const open = deferred();
  // Only the caller of this function waits for it.
  open.promise.catch(() => {});
  const die = (cause: Error) => {
    if (dead !== undefined) return;
    dead = cause;
    open.reject(cause);
    for (const listener of listeners.values()) end(listener, cause);
    listeners.clear();
    if (!closed) options.onDeath?.(cause);
  };
  worker.on('message', (reply: ThreadReply) => {
    if (reply.what === 'progress') return onBytes?.(reply.bytes);
    if (reply.what === 'open') return open.resolve();
    if (reply.what === 'refused') return open.reject(errorOf(reply.fault));
    const listener = listeners.get(reply.id);
    if (listener === undefined) return;
    if (reply.what === 'event') listener.events.push(reply.event);
    else listeners.delete(reply.id);
    if (reply.what === 'event') listener.wake();
    else end(listener, reply.what === 'failed' ? errorOf(reply.fault) : undefined);
    if (listeners.size === 0) worker.unref();
  });
  worker.on('error', (cause) => die(lost(manifest, cause as Error)));
  worker.on('exit', () => die(lost(manifest)));

  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const close = async () => {
    if (!closed) worker.postMessage({ what: 'close' });
    closed = true;
    worker.ref();
    await exited;
  };
  const stop = () => void close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await open.promise;
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  // Only pending calls keep the process alive.
  worker.unref();

  async function* run(input: TaskInput<T>, abort?: AbortSignal): AsyncGenerator<TaskEvent<T>, void> {
    abort?.throwIfAborted();
    if (dead) throw dead;
    const id = ++ids;
    const listener: Listener = { events: [], ended: false, wake: () => {} };
    listeners.set(id, listener);
    worker.ref();
    worker.postMessage({ what: 'run', id, input }, buffersOf(input));
    const onAbort = () => listener.wake();
    abort?.addEventListener('abort', onAbort);
    try {
      for (;;) {
        abort?.throwIfAborted();
        const event = listener.events.shift();
        if (event !== undefined) yield event as TaskEvent<T>;
        else if (listener.fault) throw listener.fault;
        else if (listener.ended) return;
        else await new Promise<void>((resolve) => (listener.wake = resolve));
      }
    } finally {
      abort?.removeEventListener('abort', onAbort);
      if (listeners.delete(id)) worker.postMessage({ what: 'abort', id });
      if (listeners.size === 0) worker.unref();
    }
  }
  return { run, close };
}

function end(listener: Listener, fault?: Error): void {
  listener.fault = fault;
  listener.ended = true;
  listener.wake();
}

function errorOf({ message, code, param, folder }: ThreadFault): Error {
  if (code !== undefined) return new SoriError(code, message, { param });
  return folder ? new ModelFault(message) : new Error(message);
}

function lost({ id }: ModelManifest, cause?: Error): SoriError {
  const message = `The thread of model '${id}' ended; the next request opens the model again.`;
  return new SoriError('model_unavailable', message, { cause });
}
