import opus from '@evan/opus/wasm/opus.wasm';
// Imported by its path, since the package's exports map misspells this file's name.
import mp3 from '../../../node_modules/wasm-media-encoders/wasm/mp3.wasm';
import type { CodecModules } from './modules.ts';
import recordings from './recordings.wasm';

/** Modules that wrangler compiled. workerd doesn't compile WebAssembly at run time. */
export const codecModules: CodecModules = {
  opus: async () => opus,
  mp3: async () => mp3,
  recordings: async () => recordings,
};
