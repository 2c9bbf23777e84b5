/** Browsers have their own runtime, on the GPU where there is one. */
export const loadStackKernel = async (): Promise<WebAssembly.Module> => {
  throw new WebAssembly.CompileError('The stack kernel does not come with the bundle.');
};
