import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel, read from beside this file. */
export const loadKernel = async (): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(join(import.meta.dirname, 'kernel.wasm')));
