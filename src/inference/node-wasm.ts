import type { InferenceBackend } from './backend.ts';
import { createOrtBackend } from './ort.ts';
import { createCallQueue } from './queue.ts';
import { withStacks } from './stack/backend.ts';

const queue = createCallQueue();

/**
 * The Worker's runtime in Node, one thread: the stack kernel, and onnxruntime-web's WASM provider for other graphs. It gives the same bits
 * as the Worker, on every processor.
 */
export function createNodeWasmBackend(): InferenceBackend {
  return withStacks(createOrtWasmBackend());
}

/** onnxruntime-web alone. All backends made here share one runtime. The package is loaded at the first session. */
export function createOrtWasmBackend(): InferenceBackend {
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
