// The stack kernel: ConvNeXt blocks (Liu et al. 2022) in whole numbers, for runtimes of WebAssembly with relaxed SIMD. Each frame is rounded
// over its own range, so that its result does not depend on which frames are computed together with it. Built by `npm run kernel:build`.

import { ADD, GELU, product8 } from './matrices';
import { convolve, META_BYTES, normalize, quantize } from './rows';

export { pack32, pack8, product32, product8, widen16, widen8 } from './matrices';

/** Frames that go through a block together, so that what lies between its layers stays in a near cache. */
const CHUNK: i32 = 32;
/** Most channels of a block, and most within it. */
const MOST: i32 = 256;
const WIDEST: i32 = 768;

const narrow = memory.data(32 * 256 * 4, 16);
const wide = memory.data(32 * 768 * 4, 16);
const rounded = memory.data(36 * 768, 16);
const metas = memory.data(32 * 16, 16);

/** First byte of memory that is free for the caller. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}

export function mostChannels(): i32 { return MOST; }
export function widest(): i32 { return WIDEST; }

/**
 * One block: depthwise convolution, layer norm, product, GELU, product, added to what came in.
 * @param x f32 [frames, channels].
 * @param to as x, elsewhere.
 * @param up and down: matrices as `product8` takes them.
 */
export function block(x: usize, to: usize, frames: i32, channels: i32, expanded: i32, mix: usize, mixBias: usize, dilation: i32, gain: usize, bias: usize, up: usize, down: usize): void {
  assert(channels <= MOST && expanded <= WIDEST);
  const row = <usize>(channels << 2);
  memory.copy(to, x, <usize>frames * row);
  for (let frame = 0; frame < frames; frame += CHUNK) {
    const count = min(CHUNK, frames - frame);
    for (let i = 0; i < count; i++) {
      convolve(x, frame + i, frames, channels, mix, mixBias, dilation, narrow);
      normalize(narrow, channels, gain, bias, narrow);
      quantize(narrow, channels, rounded + <usize>(i * channels), metas + <usize>(i * META_BYTES));
    }
    product8(rounded, count, channels, metas, up, expanded, wide, expanded, GELU, 0, 0);
    roundRows(wide, count, expanded, rounded, metas, false);
    product8(rounded, count, expanded, metas, down, channels, to + <usize>frame * row, channels, ADD, 0, 0);
  }
}

/** Layer norm of rows [count, channels]. */
export function normalizeRows(from: usize, count: i32, channels: i32, gain: usize, bias: usize, to: usize): void {
  const row = <usize>(channels << 2);
  for (let i = 0; i < count; i++) normalize(from + <usize>i * row, channels, gain, bias, to + <usize>i * row);
}

/** Rounds rows [count, size] to 7 bits; what that leaves out stays in `from` if it is to be kept. */
export function roundRows(from: usize, count: i32, size: i32, to: usize, meta: usize, keepRest: bool): void {
  for (let i = 0; i < count; i++) {
    quantize(from + <usize>(i * size) * 4, size, to + <usize>(i * size), meta + <usize>(i * META_BYTES), keepRest);
  }
}
