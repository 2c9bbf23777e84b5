import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningWorker } from '../workerd.ts';

/** Milliseconds between two events that an idle isolate is given. */
const EVENT_MS = 50;

/** Bytes that an isolate holds. */
export interface IsolateMemory {
  /** JavaScript heap in use, garbage included that was not collected yet. */
  readonly heap: number;
  /** ArrayBuffers outside of it, without WASM memory. */
  readonly buffers: number;
  /** All linear memories. */
  readonly wasm: number;
  readonly total: number;
}

/** Reads the memory of an isolate that runs `scripts/bench/edge/worker.ts`. */
export interface Isolate extends AsyncDisposable {
  memory(): Promise<IsolateMemory>;
  /** Collects garbage. */
  collect(): Promise<void>;
}

/** The answer of `Runtime.getHeapUsage`. */
interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize?: number;
}

/** Connects to an isolate by the DevTools protocol, which workerd speaks. */
export async function openIsolate({ url, inspectorPort }: RunningWorker): Promise<Isolate> {
  const targets = (await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  let next = 1;
  const waiting = new Map<number, (result: HeapUsage) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data));
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  const call = (method: string) => {
    const id = next++;
    const answer = new Promise<HeapUsage>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method }));
    return answer;
  };
  return {
    async memory() {
      const { wasm } = (await (await fetch(`${url}/memory`)).json()) as { wasm: number };
      const { usedSize: heap, backingStorageSize: buffers = 0 } = await call('Runtime.getHeapUsage');
      return { heap, buffers, wasm, total: heap + buffers + wasm };
    },
    async collect() {
      // workerd collects in the isolate's next event, and an idle isolate has none.
      let collected = false;
      const collecting = call('HeapProfiler.collectGarbage').then(() => (collected = true));
      while (!collected) {
        await (await fetch(`${url}/memory`)).arrayBuffer();
        await Promise.race([collecting, sleep(EVENT_MS)]);
      }
    },
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}
