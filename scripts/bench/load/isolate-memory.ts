import type { RunningWorker } from '../workerd.ts';

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
      await call('HeapProfiler.collectGarbage');
    },
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}
