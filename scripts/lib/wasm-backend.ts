/** The tools use WASM rather than onnxruntime-node because it gives the same bits on every processor, and because workerd runs it too. */
export { createNodeWasmBackend } from '../../src/inference/node-wasm.ts';
