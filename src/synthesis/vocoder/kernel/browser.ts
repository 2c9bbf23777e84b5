import { assetUrl } from '../../../base/asset-base.ts';

/** The kernel, fetched from the folder of `setAssetBase`, else from the folder of the bundle. */
export const loadKernel = (): Promise<WebAssembly.Module> =>
  WebAssembly.compileStreaming(fetch(assetUrl('kernel.wasm') ?? new URL('./kernel.wasm', import.meta.url)));
