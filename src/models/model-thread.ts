/** The thread of one model: opens it, and does one call after the other. `thread.ts` is the other side. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { SoriError } from '../base/errors.ts';
import type { LoadedModel, ModelDriver } from './driver.ts';
import { driverOf } from './drivers/index.ts';
import { verifyFile } from './files.ts';
import { type Graph, openGraph } from './graph.ts';
import { describeIssue, ModelFault, type ModelManifest } from './manifest.ts';
import type { Task, TaskInput } from './tasks.ts';
import {
  buffersOf,
  type ThreadCall,
  type ThreadData,
  type ThreadFault,
  type ThreadReply,
} from './thread-calls.ts';

const port = parentPort as MessagePort;
const data = workerData as ThreadData;
const aborts = new Map<number, AbortController>();
const opened: Graph[] = [];
let last: Promise<unknown>;
let closing = false;

const send = (reply: ThreadReply, handedOver: ArrayBuffer[] = []) => port.postMessage(reply, handedOver);

async function open({ manifest, folder, graphs, trial }: ThreadData): Promise<LoadedModel<Task>> {
  for (const file of manifest.files) {
    if (closing) throw new ModelFault('the model was closed while it was loading');
    await verifyFile(folder, file, { onBytes: (bytes) => send({ what: 'progress', bytes }) });
  }
  const driver: ModelDriver = driverOf(manifest);
  const settings = driver.settings.safeParse(manifest.settings);
  if (!settings.success) throw new ModelFault(`model.json: settings.${describeIssue(settings.error)}`);
  const model = await driver.open({
    manifest,
    settings: settings.data,
    read: async (path) => Uint8Array.from(await readFile(placeOf(manifest, folder, path))),
    open: async (path) => {
      const graph = await openGraph(placeOf(manifest, folder, path), path, graphs);
      opened.push(graph);
      return graph;
    },
  });
  if (trial) await tryOut(driver, manifest, model);
  return model;
}

function placeOf({ files }: ModelManifest, folder: string, path: string): string {
  if (!files.some((file) => file.path === path)) throw new ModelFault(`model.json does not list ${path}`);
  return join(folder, path);
}

async function tryOut(driver: ModelDriver, manifest: ModelManifest, model: LoadedModel<Task>): Promise<void> {
  try {
    for (const input of driver.trials(manifest)) {
      for await (const _ of model.run(input, new AbortController().signal));
    }
  } catch (cause) {
    if (cause instanceof ModelFault) throw cause;
    throw new ModelFault(`the model loads, but its first run fails: ${(cause as Error).message}`, { cause });
  }
}

async function run(model: LoadedModel<Task>, id: number, input: unknown): Promise<void> {
  const signal = aborts.get(id)?.signal as AbortSignal;
  try {
    signal.throwIfAborted();
    for await (const event of model.run(input as TaskInput<Task>, signal)) {
      send({ what: 'event', id, event }, buffersOf(event));
    }
    send({ what: 'end', id });
  } catch (error) {
    send({ what: 'failed', id, fault: faultOf(error) });
  } finally {
    aborts.delete(id);
  }
}

function faultOf(error: unknown): ThreadFault {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SoriError) return { message, code: error.code, param: error.param ?? undefined };
  return { message, folder: error instanceof ModelFault };
}

const model = open(data).then(
  (loaded) => {
    send({ what: 'open' });
    return loaded;
  },
  (error) => {
    send({ what: 'refused', fault: faultOf(error) });
    return undefined;
  },
);
last = model;

/** Ends the thread between two steps: ending it from outside while the runtime works ends the whole process. */
async function close(): Promise<void> {
  closing = true;
  for (const abort of aborts.values()) abort.abort();
  await last;
  for (const graph of opened) await graph.release();
  port.close();
}

port.on('message', (call: ThreadCall) => {
  if (call.what === 'close') {
    void close();
  } else if (call.what === 'abort') {
    aborts.get(call.id)?.abort();
  } else {
    aborts.set(call.id, new AbortController());
    last = last.then(async () => {
      const loaded = await model;
      if (loaded) await run(loaded, call.id, call.input);
    });
  }
});
