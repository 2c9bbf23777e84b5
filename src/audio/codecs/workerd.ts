import opus from '@evan/opus/wasm/opus.wasm';
// By its path: the package's exports map misspells this file's name.
import mp3 from '../../../node_modules/wasm-media-encoders/wasm/mp3.wasm';
import type { CodecModules } from './modules.ts';

/** Modules that wrangler compiled ahead: workerd compiles none at run time. */
export const codecModules: CodecModules = {
  opus: async () => opus,
  mp3: async () => mp3,
};
