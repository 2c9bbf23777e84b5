/**
 * onnxruntime-web's WASM provider in Node, one thread. The tools use it rather than onnxruntime-node because WASM gives the
 * same bits on every processor, and because workerd runs it too.
 */
import * as ort from 'onnxruntime-web/wasm';
import type { InferenceBackend } from '../../src/inference/backend.ts';
import { createOrtBackend } from '../../src/inference/ort.ts';
import { createCallQueue } from '../../src/inference/queue.ts';

const queue = createCallQueue();

/** Makes the backend; all of them share one runtime. */
export function createNodeWasmBackend(): InferenceBackend {
  return createOrtBackend({
    name: 'node-wasm',
    start: async () => {
      ort.env.wasm.numThreads = 1;
      ort.env.logLevel = 'fatal';
      return ort;
    },
    queue,
    sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 4 },
  });
}
