import { type InferenceBackend, InferenceError } from '../backend.ts';

/**
 * Refuses every graph that the stack kernel does not support. The Worker of the embedded model needs no other runtime, and is a quarter of
 * its size with onnxruntime-web.
 */
export function otherGraphs(): InferenceBackend {
  return {
    name: 'wasm',
    async createSession() {
      throw new InferenceError(
        'The stack kernel does not support this graph, and this Worker was built without onnxruntime-web (docs/model.md, "Kernels")',
      );
    },
  };
}
