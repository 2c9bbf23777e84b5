/**
 * Writes src/audio/codecs/opus.wasm: the file of @evan/opus with less memory at the start. The package's file asks for 16 MiB, which an
 * isolate of 128 MB can't spare; the codec grows its memory when it needs more.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLeastMemory } from './lib/wasm-memory.ts';

const packaged = await readFile(fileURLToPath(import.meta.resolve('@evan/opus/wasm/opus.wasm')));
await writeFile(resolve(import.meta.dirname, '../src/audio/codecs/opus.wasm'), withLeastMemory(packaged));
