import wasmModule from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import * as ort from 'onnxruntime-web/wasm';
import { type InferenceBackend, InferenceError } from '../backend.ts';
import { createOrtBackend, type OrtRuntime } from '../ort.ts';
import { createCallQueue } from '../queue.ts';

// One runtime, one linear memory and one call at a time in an isolate, however many backends are made.
const queue = createCallQueue();
let memory: WebAssembly.Memory | undefined;
let started = false;

/**
 * onnxruntime-web's WASM provider inside workerd, one thread. Isolate-wide: every backend made here shares one runtime. An alias of
 * `#other-graphs` puts it into a Worker for models with graphs that the stack kernel does not support.
 */
export function otherGraphs(): InferenceBackend {
  return createOrtBackend({
    name: 'wasm',
    start,
    queue,
    memoryBytes: () => memory?.buffer.byteLength ?? 0,
    sessionOptions: {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
      enableCpuMemArena: false,
      enableMemPattern: false,
      logSeverityLevel: 4,
    },
  });
}

/**
 * Starts onnxruntime-web from the precompiled module.
 *
 * workerd compiles WebAssembly at deploy time only, but onnxruntime-web offers no way to be given a compiled module: it calls
 * `WebAssembly.instantiate(bytes, imports)`. A one-byte `wasmBinary` keeps it from fetching anything, and its call, known by
 * that very buffer, is answered with an instance of our module. Other callers of `instantiate` meanwhile are passed through.
 */
async function start(): Promise<OrtRuntime> {
  if (started) return ort;
  const placeholder = new Uint8Array(1).buffer;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmBinary = placeholder;
  ort.env.logLevel = 'fatal';

  const host = WebAssembly as { instantiate: (...args: unknown[]) => Promise<unknown> };
  const instantiate = host.instantiate;
  host.instantiate = async (...args) => {
    const [binary, imports] = args;
    const bytes = ArrayBuffer.isView(binary) ? binary.buffer : binary;
    if (bytes !== placeholder) return instantiate.apply(WebAssembly, args);
    const instance = new WebAssembly.Instance(wasmModule, imports as WebAssembly.Imports);
    memory = findMemory(imports as WebAssembly.Imports, instance.exports);
    return { instance, module: wasmModule };
  };
  try {
    // Not a model: making a session of it starts the runtime and then fails to parse.
    await ort.InferenceSession.create(Uint8Array.of(8, 8, 18, 0)).catch(() => {});
  } finally {
    host.instantiate = instantiate;
  }
  if (!memory) throw new InferenceError('onnxruntime-web did not instantiate its module');
  started = true;
  return ort;
}

function findMemory(
  imports: WebAssembly.Imports,
  exports: WebAssembly.Exports,
): WebAssembly.Memory | undefined {
  const namespaces = [exports, ...Object.values(imports)];
  return namespaces
    .flatMap((namespace) => Object.values(namespace))
    .find((value) => value instanceof WebAssembly.Memory);
}
