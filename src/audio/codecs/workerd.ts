import aac from './aac.wasm';
import type { CodecModules } from './modules.ts';
import mp3 from './mp3.wasm';
import opus from './opus.wasm';
import recordings from './recordings.wasm';

/** Modules that wrangler compiled. workerd doesn't compile WebAssembly at run time. */
export const codecModules: CodecModules = {
  opus: async () => opus,
  mp3: async () => mp3,
  aac: async () => aac,
  recordings: async () => recordings,
};
