import kernel from './kernel.wasm';

/** The kernel, compiled when the Worker was deployed. */
export const loadKernel = async (): Promise<WebAssembly.Module> => kernel;
