/**
 * Writes src/audio/codecs/opus.wasm and mp3.wasm: the files of @evan/opus and wasm-media-encoders with less memory at the start. The packages'
 * files ask for 16 MiB each, of which an isolate of 128 MB can't spare that much; their codecs grow their memory when they need more.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLeastMemory } from './lib/wasm-memory.ts';

const FOLDER = resolve(import.meta.dirname, '../src/audio/codecs');

/** The packages' files by their names here. */
const FILES = {
  'opus.wasm': import.meta.resolve('@evan/opus/wasm/opus.wasm'),
  // Named without its extension, since the package's exports map misspells the full name.
  'mp3.wasm': import.meta.resolve('wasm-media-encoders/wasm/mp3'),
} as const;

for (const [name, file] of Object.entries(FILES)) {
  await writeFile(join(FOLDER, name), withLeastMemory(await readFile(fileURLToPath(file))));
}
