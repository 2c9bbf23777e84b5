import kernel from './stack.wasm';

/** The stack kernel, compiled when the Worker was deployed. */
export const loadStackKernel = async (): Promise<WebAssembly.Module> => kernel;
