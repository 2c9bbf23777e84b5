/**
 * The tools use WASM rather than onnxruntime-node because it gives the same bits on every processor. It is onnxruntime only, which computes
 * the graph without changes.
 */
export { createOrtWasmBackend as createNodeWasmBackend } from '../../src/inference/node-wasm.ts';
