import { otherGraphs } from '#other-graphs';
import type { InferenceBackend } from './backend.ts';
import { withStacks } from './stack/backend.ts';

/**
 * The Worker's runtime: the stack kernel. Graphs that it does not support are refused, or run by onnxruntime-web if the Worker was built
 * with `other-graphs/onnxruntime.ts`.
 */
export function createWasmBackend(): InferenceBackend {
  return withStacks(otherGraphs());
}
