import { assetUrl } from '../../../base/asset-base.ts';

/**
 * The stack kernel, fetched from the folder of `setAssetBase`, else from the folder of the bundle.
 * @throws {WebAssembly.CompileError} where relaxed SIMD is missing, or the file is.
 */
export const loadStackKernel = async (): Promise<WebAssembly.Module> => {
  const response = await fetch(assetUrl('stack.wasm') ?? new URL('./stack.wasm', import.meta.url));
  if (!response.ok) throw new WebAssembly.CompileError(`The stack kernel is not there: ${response.status}`);
  return WebAssembly.compile(new Uint8Array(await response.arrayBuffer()));
};
