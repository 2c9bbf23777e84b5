import type { CodecModules } from './modules.ts';

/** Modules fetched from the bundle's folder: serve the packages' `opus.wasm` and `mp3.wasm` there. */
export const codecModules: CodecModules = {
  opus: () => WebAssembly.compileStreaming(fetch(new URL('./opus.wasm', import.meta.url))),
  mp3: () => WebAssembly.compileStreaming(fetch(new URL('./mp3.wasm', import.meta.url))),
};
