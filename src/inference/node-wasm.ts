import type { InferenceBackend } from './backend.ts';
import { createOrtBackend } from './ort.ts';
import { createCallQueue } from './queue.ts';

const queue = createCallQueue();

/**
 * onnxruntime-web's WASM provider in Node, one thread: gives the same bits on every processor, and the Worker's. All backends made here
 * share one runtime. The package is loaded at the first session.
 */
export function createNodeWasmBackend(): InferenceBackend {
  return createOrtBackend({
    name: 'node-wasm',
    start: async () => {
      const ort = await import('onnxruntime-web/wasm');
      ort.env.wasm.numThreads = 1;
      ort.env.logLevel = 'fatal';
      return ort;
    },
    queue,
    sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 4 },
  });
}
