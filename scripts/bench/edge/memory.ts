import { AUDIO_FORMATS } from '../../../src/audio/format.ts';
import { announce, type Row } from '../table.ts';
import { type Bundle, startWorker } from '../workerd.ts';

/** Texts of many lengths and kinds, the same in every run. */
function variedText(index: number): string {
  const parts = [
    'Your table is ready.',
    `Order ${1000 + index * 37} ships on March ${1 + (index % 28)} for $${index}.50.`,
    'Please hold while we connect you to the next available agent; your call matters to us.',
    `The ${index % 60}th train, number ${index}, leaves from platform ${index % 12} at ${1 + (index % 12)}:${10 + (index % 50)} p.m.`,
    'When the sunlight strikes raindrops in the air, they act as a prism and form a rainbow.',
  ];
  return Array.from({ length: 1 + (index % 4) }, (_, i) => parts[(index + i) % parts.length]).join(' ');
}

/** WASM memory, used JavaScript heap and ArrayBuffers of one isolate over many varied requests. */
export async function measureMemory(bench: Bundle, persist: string, requests: number): Promise<Row[]> {
  await using worker = await startWorker(bench, persist);
  await using heap = await openInspector(worker.inspectorPort);
  const sample = async () => {
    const { wasm } = (await (await fetch(`${worker.url}/memory`)).json()) as { wasm: number };
    const used = await heap.usedBytes();
    return { wasm, total: wasm + used };
  };
  const early = { wasm: 0, total: 0 };
  const peak = { wasm: 0, total: 0 };
  for (let index = 0; index < requests; index++) {
    if (index % 100 === 0) announce(`memory: request ${index} of ${requests}`);
    const answer = await fetch(`${worker.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'sori-2',
        input: variedText(index),
        voice: index % 2 ? 'hazel' : 'clara',
        speed: [1, 0.8, 1.5][index % 3],
        response_format: AUDIO_FORMATS[index % AUDIO_FORMATS.length],
        refine_steps: index % 10 === 9 ? 4 : 0,
      }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.arrayBuffer();
    const now = await sample();
    for (const most of index < 50 ? [early, peak] : [peak]) {
      most.wasm = Math.max(most.wasm, now.wasm);
      most.total = Math.max(most.total, now.total);
    }
  }
  await heap.collect();
  const { total: live } = await sample();
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  return [
    {
      what: `peak memory (WASM, JavaScript heap, ArrayBuffers) over ${requests} varied requests, all formats (in the first 50)`,
      before: '161 MB mean, 237 MB peak',
      measured: `${mb(peak.total)} MB (${mb(early.total)} MB), of it WASM ${mb(peak.wasm)} MB (${mb(early.wasm)} MB)`,
      target: '≤ 128 MB',
      met: peak.total <= 128e6,
    },
    {
      what: 'the same after a garbage collection at the end, which is the live set',
      before: '161 MB',
      measured: `${mb(live)} MB`,
      target: '≤ 96 MB',
      met: live <= 96e6,
    },
  ];
}

interface Inspector extends AsyncDisposable {
  /** Bytes of the JavaScript heap and of what ArrayBuffers hold outside of it; without WASM memory. */
  usedBytes(): Promise<number>;
  collect(): Promise<void>;
}

/** The answer of `Runtime.getHeapUsage`. */
interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize?: number;
}

/** The isolate's own heap figure, by the DevTools protocol that workerd speaks. */
async function openInspector(port: number): Promise<Inspector> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
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
  const ask = (method: string) => {
    const id = next++;
    const answer = new Promise<HeapUsage>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method }));
    return answer;
  };
  return {
    async usedBytes() {
      const { usedSize, backingStorageSize = 0 } = await ask('Runtime.getHeapUsage');
      return usedSize + backingStorageSize;
    },
    async collect() {
      await ask('HeapProfiler.collectGarbage');
    },
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}
