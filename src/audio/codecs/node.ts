import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CodecModules } from './modules.ts';

const compiled = async (name: string) => WebAssembly.compile(await readFile(join(import.meta.dirname, name)));

/** Modules read from this folder and compiled on first use. */
export const codecModules: CodecModules = {
  opus: () => compiled('opus.wasm'),
  mp3: () => compiled('mp3.wasm'),
  aac: () => compiled('aac.wasm'),
  recordings: () => compiled('recordings.wasm'),
};
