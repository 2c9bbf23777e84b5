import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CodecModules } from './modules.ts';

const { resolve } = createRequire(import.meta.url);

/** Modules read from the installed packages and compiled on first use. */
export const codecModules: CodecModules = {
  opus: async () => WebAssembly.compile(await readFile(resolve('@evan/opus/wasm/opus.wasm'))),
  // Imported without its extension, since the package's exports map misspells the full name.
  mp3: async () => WebAssembly.compile(await readFile(resolve('wasm-media-encoders/wasm/mp3'))),
  recordings: async () => WebAssembly.compile(await readFile(join(import.meta.dirname, 'recordings.wasm'))),
};
