import { type InferenceBackend, InferenceError } from '../backend.ts';

/**
 * Stands behind the stack kernel in a Worker of the embedded model, which needs no other runtime: refuses every graph. The Worker is a third of
 * what it is with onnxruntime-web.
 */
export function otherGraphs(): InferenceBackend {
  return {
    name: 'wasm',
    async createSession() {
      throw new InferenceError(
        'The stack kernel does not know this graph, and this Worker was built without onnxruntime-web (docs/model.md, "Kernels")',
      );
    },
  };
}
