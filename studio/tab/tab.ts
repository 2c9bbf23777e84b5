import { signal } from '@preact/signals';
import { ApiError, baseUrl } from '../api.ts';
import type { SpeechBody } from '../request.ts';
import type { Piece } from '../speech/events.ts';
import type { Reading, ReadRequest } from '../speech/read-word.ts';
import type { TabAnswer, TabRequest } from './messages.ts';
import { MODEL_CACHE } from './stored-files.ts';

/** How far the model of this tab is. */
export type TabState =
  | { readonly step: 'none' }
  | { readonly step: 'loading'; readonly loaded: number; readonly total: number }
  | {
      readonly step: 'ready';
      readonly model: string;
      readonly backend: 'WebGPU' | 'WASM';
      readonly reason: string;
      readonly stored: boolean;
    }
  | { readonly step: 'failed'; readonly message: string };

/** State of the model of this tab. */
export const tabState = signal<TabState>({ step: 'none' });
/** Bytes that are stored for later visits; undefined where the browser does not report them. */
export const storedBytes = signal<number | undefined>(undefined);

let worker: Worker | undefined;
let lastId = 0;
const listeners = new Map<number, (message: TabAnswer) => void>();

/** Loads a model into a worker of this tab. {@link tabState} reports its progress. */
export async function loadTab(model: string, preferGpu: boolean): Promise<void> {
  end();
  tabState.value = { step: 'loading', loaded: 0, total: 0 };
  worker = new Worker(new URL('./tab.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<TabAnswer>) => listen(model, data));
  worker.addEventListener('error', ({ message }) => {
    tabState.value = { step: 'failed', message: message || 'The worker does not start.' };
  });
  send({ type: 'load', model, shards: new URL('shards/', baseUrl).href, preferGpu });
  void keepPageOffline();
}

/** Removes stored models and runtimes, and the model of this tab. */
export async function forgetTab(): Promise<void> {
  end();
  tabState.value = { step: 'none' };
  await caches.delete(MODEL_CACHE);
  await measureStored();
}

/** Ends the worker, and with it what it was asked. */
function end(): void {
  worker?.terminate();
  worker = undefined;
  for (const [id, listener] of listeners) {
    listener({ type: 'failed', id, message: 'The model was unloaded.', code: 'model_unavailable' });
  }
}

/** Reads how much is stored. */
export async function measureStored(): Promise<void> {
  const estimate = await navigator.storage?.estimate().catch(() => undefined);
  storedBytes.value = estimate?.usage;
}

/**
 * Speaks with the model of this tab.
 * @throws {ApiError} when it refuses the request; the signal's reason.
 */
export async function* speakInTab(body: SpeechBody, signal: AbortSignal): AsyncGenerator<Piece> {
  const id = ++lastId;
  const queue: TabAnswer[] = [];
  let wake = () => {};
  listeners.set(id, (message) => {
    queue.push(message);
    wake();
  });
  const abort = () => {
    send({ type: 'cancel', id });
    wake();
  };
  signal.addEventListener('abort', abort, { once: true });
  send({ type: 'speak', id, body });
  try {
    for (;;) {
      const next = queue.shift();
      signal.throwIfAborted();
      if (next === undefined) {
        await new Promise<void>((done) => {
          wake = done;
        });
      } else if (next.type === 'audio') yield { kind: 'audio', samples: next.samples };
      else if (next.type === 'words') yield { kind: 'words', words: next.words };
      else if (next.type === 'failed') throw new ApiError(next.message, 400, next.code);
      else if (next.type === 'done') return;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    listeners.delete(id);
  }
}

/**
 * Reads a text with the model of this tab.
 * @throws {ApiError} when the text is refused.
 */
export function readInTab(request: ReadRequest): Promise<Reading> {
  const id = ++lastId;
  return new Promise((done, fail) => {
    listeners.set(id, (message) => {
      listeners.delete(id);
      if (message.type === 'reading') done(message.reading);
      else if (message.type === 'failed') fail(new ApiError(message.message, 400, message.code));
    });
    send({ type: 'read', id, request });
  });
}

function listen(model: string, message: TabAnswer): void {
  if ('id' in message) listeners.get(message.id)?.(message);
  else if (message.type === 'progress') {
    tabState.value = { step: 'loading', loaded: message.loaded, total: message.total };
  } else if (message.type === 'load-failed') tabState.value = { step: 'failed', message: message.message };
  else {
    const { backend, reason, stored } = message;
    tabState.value = { step: 'ready', model, backend, reason, stored };
    void measureStored();
  }
}

function send(request: TabRequest): void {
  worker?.postMessage(request);
}

/** Makes the page itself work without a connection, once the user has chosen to speak in the tab. */
async function keepPageOffline(): Promise<void> {
  const script = new URL('./offline.js', import.meta.url);
  const scope = new URL('.', baseUrl).pathname;
  await navigator.serviceWorker?.register(script, { scope }).catch(() => {});
}
