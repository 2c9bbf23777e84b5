/** `npm run studio`: builds the page of `GET /` from `studio/` into `assets/studio`, and prints what a browser loads. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildStudio } from './lib/build-studio.ts';

const FOLDER = resolve(import.meta.dirname, '../assets/studio');
const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;

const files = await buildStudio();
for (const [name, bytes] of files) {
  const packed = name.endsWith('.gz') ? bytes : gzipSync(await readFile(join(FOLDER, name))).byteLength;
  console.log(`${name.padEnd(52)}${kib(bytes).padStart(12)}${kib(packed).padStart(12)} compressed`);
}
