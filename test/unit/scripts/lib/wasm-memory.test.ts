import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { withLeastMemory } from '../../../../scripts/lib/wasm-memory.ts';

const { resolve } = createRequire(import.meta.url);

it('opus.wasm is the file of its package with less initial memory', async () => {
  const module = new Uint8Array(await readFile(resolve('@evan/opus/wasm/opus.wasm')));
  const ours = new Uint8Array(await readFile('src/audio/codecs/opus.wasm'));
  expect(ours).toEqual(withLeastMemory(module));
  const changed = ours.reduce((count, byte, at) => count + Number(byte !== module[at]), 0);
  expect(changed).toBeLessThanOrEqual(2);
  expect(await initialBytes(ours)).toBeLessThan(6e6);
  expect(await initialBytes(module)).toBe(16 * 2 ** 20);
});

it('a module of another kind is refused', async () => {
  const module = new Uint8Array(await readFile('src/inference/stack/kernel/stack.wasm'));
  expect(() => withLeastMemory(module)).toThrow(RangeError);
});

/** Bytes of a module's memory when it starts. */
async function initialBytes(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const module = await WebAssembly.compile(bytes);
  const imports: WebAssembly.Imports = {};
  for (const { module: namespace, name } of WebAssembly.Module.imports(module))
    imports[namespace] = { ...imports[namespace], [name]: () => 0 };
  const { exports } = await WebAssembly.instantiate(module, imports);
  return (exports.memory as WebAssembly.Memory).buffer.byteLength;
}
