import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel, read from this file's folder. */
export const loadKernel = async (): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(join(import.meta.dirname, 'kernel.wasm')));
