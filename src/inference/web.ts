import type { InferenceBackend } from './backend.ts';
import { createOrtBackend } from './ort.ts';
import { checkBackend } from './probe.ts';
import { createCallQueue } from './queue.ts';
import { withStacks } from './stack/backend.ts';

/** Options of the browser's backend. */
export interface WebOptions {
  /** Addresses of onnxruntime-web's `.wasm` files; default: the folder of the script. */
  readonly wasm?: {
    /** `ort-wasm-simd-threaded.asyncify.wasm`: the build with WebGPU. */
    readonly webgpu: string;
    /** `ort-wasm-simd-threaded.wasm`. */
    readonly plain: string;
  };
  /** `wasm` doesn't try WebGPU; `webgpu`, the default, tries it first. */
  readonly prefer?: 'webgpu' | 'wasm';
  /**
   * A further check that WebGPU must pass, such as a model's known answers.
   * @throws when it answers wrongly.
   */
  readonly check?: (backend: InferenceBackend) => Promise<void>;
}

/** A browser's backend, and why it is the one. */
export interface WebBackend extends InferenceBackend {
  readonly name: 'web-webgpu' | 'web-wasm';
  /** For a person to read: why this execution provider was taken. */
  readonly reason: string;
}

/**
 * Chooses a backend for this browser: WebGPU where it is there and gives the right answers, else WASM on one thread.
 * Some drivers compute wrongly without an error (onnxruntime #29807), so WebGPU is believed only after a known answer.
 */
export async function createWebBackend(options: WebOptions = {}): Promise<WebBackend> {
  const reason = options.prefer === 'wasm' ? 'the page selects WASM' : await whyNotWebGpu();
  if (reason) return { ...wasmBackend(options), name: 'web-wasm', reason };
  const webgpu = webGpuBackend(options);
  try {
    await checkBackend(webgpu);
    await options.check?.(webgpu);
    return { ...webgpu, name: 'web-webgpu', reason: 'WebGPU passes its check' };
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    return { ...wasmBackend(options), name: 'web-wasm', reason: `WebGPU fails its check: ${failed}` };
  }
}

async function whyNotWebGpu(): Promise<string | undefined> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
  if (!gpu) return 'this browser does not support WebGPU';
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter ? undefined : 'this browser finds no GPU for WebGPU';
}

// Two bundles, each with its own runtime: the one with WebGPU is larger, and slower without WebGPU.
function webGpuBackend({ wasm }: WebOptions): InferenceBackend {
  return createOrtBackend({
    name: 'web-webgpu',
    queue: createCallQueue(),
    async start() {
      const ort = await import('onnxruntime-web/webgpu');
      setUp(ort.env, wasm?.webgpu);
      return ort;
    },
    sessionOptions: { executionProviders: ['webgpu'], graphOptimizationLevel: 'all', logSeverityLevel: 4 },
  });
}

// The Worker's runtime: the stack kernel where the browser has relaxed SIMD, so that a page gets the same bits at the same speed.
function wasmBackend({ wasm }: WebOptions): InferenceBackend {
  const ort = createOrtBackend({
    name: 'web-wasm',
    queue: createCallQueue(),
    async start() {
      const ort = await import('onnxruntime-web/wasm');
      setUp(ort.env, wasm?.plain);
      return ort;
    },
    sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 4 },
  });
  return withStacks(ort);
}

function setUp(env: typeof import('onnxruntime-web').env, wasm: string | undefined) {
  // More threads need cross-origin isolation, and the stages are too small to gain from them.
  env.wasm.numThreads = 1;
  env.wasm.proxy = false;
  env.logLevel = 'fatal';
  if (wasm) env.wasm.wasmPaths = { wasm };
}
