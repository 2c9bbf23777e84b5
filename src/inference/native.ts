import type { InferenceBackend } from './backend.ts';
import { createOrtBackend } from './ort.ts';
import { createCallQueue } from './queue.ts';

/** Options of the native runtime. */
export interface NativeOptions {
  /** onnxruntime's names (`cpu`, `cuda`, `webgpu`, …) in order of preference; `cpu` when not given. */
  readonly executionProviders?: readonly string[];
  /** Threads within one operation; 1 when not given, as in an isolate. */
  readonly threads?: number;
}

/** onnxruntime-node: for Node servers, tools and tests. The package is loaded at the first session. */
export function createNativeBackend(options: NativeOptions = {}): InferenceBackend {
  const executionProviders = options.executionProviders ?? ['cpu'];
  return createOrtBackend({
    name: `native-${executionProviders[0]}`,
    start: async () => {
      const ort = await import('onnxruntime-node');
      // Errors are thrown; the runtime would print them as well.
      ort.env.logLevel = 'fatal';
      return ort;
    },
    queue: createCallQueue(),
    sessionOptions: {
      executionProviders: [...executionProviders],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: options.threads ?? 1,
      interOpNumThreads: 1,
      // Threads that wait for work by spinning take the core from those that have some.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 4,
    },
  });
}
