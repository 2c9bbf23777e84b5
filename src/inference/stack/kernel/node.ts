import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The stack kernel, read from this file's folder. @throws {WebAssembly.CompileError} where relaxed SIMD is missing. */
export const loadStackKernel = async (): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(join(import.meta.dirname, 'stack.wasm')));
