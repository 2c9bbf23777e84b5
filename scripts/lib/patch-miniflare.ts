/** A faster start of miniflare, for `npm start`. */
import { patchPackage } from './patch-package.ts';

const FILE = '/miniflare/dist/src/index.js';

/**
 * Miniflare serializes the Worker into one buffer, which it copies whole for every few kilobytes that it adds: gigabytes for the 20 MB
 * of a Worker with its WebAssembly, three seconds of processor time.
 */
export const SLOW_GROWTH =
  'minSize = minSize < MIN_SINGLE_SEGMENT_GROWTH ? MIN_SINGLE_SEGMENT_GROWTH : padToWord$1(minSize);';
const DOUBLING = `${SLOW_GROWTH} minSize = Math.max(minSize, padToWord$1(srcBuffer.byteLength));`;

let patched = false;

/** Makes that buffer double its size instead, in a miniflare that this process loads afterwards. Does nothing before Node 22.15. */
export function patchMiniflare(): void {
  if (patched) return;
  patched = true;
  patchPackage(FILE, (source) => source.replace(SLOW_GROWTH, () => DOUBLING));
}
