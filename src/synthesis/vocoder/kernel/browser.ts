/** The kernel, fetched from beside the bundle: serve `kernel.wasm` there. */
export const loadKernel = (): Promise<WebAssembly.Module> =>
  WebAssembly.compileStreaming(fetch(new URL('./kernel.wasm', import.meta.url)));
