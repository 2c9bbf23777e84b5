/**
 * The tools use WASM rather than onnxruntime-node because it gives the same bits on every processor. It is onnxruntime alone, which computes
 * what the graph says.
 */
export { createOrtWasmBackend as createNodeWasmBackend } from '../../src/inference/node-wasm.ts';
