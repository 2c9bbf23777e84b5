import { assetUrl } from '../../base/asset-base.ts';
import type { CodecModules } from './modules.ts';

/** Modules fetched from the folder of `setAssetBase`, else from the folder of the bundle. */
export const codecModules: CodecModules = {
  opus: () =>
    WebAssembly.compileStreaming(fetch(assetUrl('opus.wasm') ?? new URL('./opus.wasm', import.meta.url))),
  mp3: () =>
    WebAssembly.compileStreaming(fetch(assetUrl('mp3.wasm') ?? new URL('./mp3.wasm', import.meta.url))),
  aac: () =>
    WebAssembly.compileStreaming(fetch(assetUrl('aac.wasm') ?? new URL('./aac.wasm', import.meta.url))),
  recordings: () =>
    WebAssembly.compileStreaming(
      fetch(assetUrl('recordings.wasm') ?? new URL('./recordings.wasm', import.meta.url)),
    ),
};
