// The stack kernel: ConvNeXt blocks (Liu et al. 2022) in whole numbers, for runtimes of WebAssembly with relaxed SIMD. Each frame is rounded
// over its own range, so that its result does not depend on which frames are computed together with it. Built by `npm run stack:build`.

import { exactGelu } from './activations';
import { ADD, CHUNK, linear, STORE, WIDEST } from './matrices';
import { convolve, convolve4, convolve4Close, inside, normalize, quantizeRows, TOGETHER } from './rows';

export { attend } from './attention';
export { exactGelu } from './activations';
export { product32, product8, product8By } from './matrices';
export { pack32, pack8, widen16, widen8 } from './packing';
export { quantizeRows as roundRows } from './rows';

/** Most channels of a block. */
const MOST: i32 = 256;

// Rows of a chunk between the layers of a block, and those that products read after the last.
const narrow = memory.data((25 + 4) * 256 * 4, 16);
const wide = memory.data((25 + 4) * 768 * 4, 16);

/** First byte of memory that is free for the caller. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}

export function mostChannels(): i32 { return MOST; }
export function widest(): i32 { return WIDEST; }
/** Rows of activations that must have room behind the last of a product's. */
export function spareRows(): i32 { return TOGETHER - 1; }

/**
 * One block over the frames [first, end): depthwise convolution, layer norm, product, GELU, product, added to what came in.
 * @param x f32 [frames, channels]; beyond them the convolution reads zeros.
 * @param to as x, elsewhere; only the frames [first, end) are written.
 * @param up and down: matrices of either kind.
 * @param exact whether GELU has its exact form.
 */
export function block(x: usize, to: usize, frames: i32, first: i32, end: i32, channels: i32, expanded: i32, mix: usize, mixBias: usize, dilation: i32, gain: usize, bias: usize, up: usize, down: usize, exact: bool): void {
  assert(channels <= MOST && expanded <= WIDEST);
  const row = <usize>(channels << 2);
  memory.copy(to + <usize>first * row, x + <usize>first * row, <usize>(end - first) * row);
  for (let frame = first; frame < end; frame += CHUNK) {
    const count = min(CHUNK, end - frame);
    for (let i = 0; i < count; ) {
      const at = narrow + <usize>i * row;
      if (i + 4 <= count && inside(frame + i, frames, dilation)) {
        if (dilation == 1) convolve4Close(x, frame + i, channels, mix, mixBias, at);
        else convolve4(x, frame + i, channels, mix, mixBias, dilation, at);
        i += 4;
      } else {
        convolve(x, frame + i, frames, channels, mix, mixBias, dilation, at);
        i++;
      }
    }
    normalizeRows(narrow, count, channels, gain, bias, narrow);
    linear(narrow, count, up, wide, expanded, STORE, false);
    if (exact) exactGelu(wide, count * expanded);
    linear(wide, count, down, to + <usize>frame * row, channels, ADD, !exact);
  }
}

/** Layer norm of rows [count, channels]. */
export function normalizeRows(from: usize, count: i32, channels: i32, gain: usize, bias: usize, to: usize): void {
  const row = <usize>(channels << 2);
  for (let i = 0; i < count; i++) normalize(from + <usize>i * row, channels, gain, bias, to + <usize>i * row);
}

/** Rows [count, size of the matrix] times a matrix of either kind, stored or added. */
export function multiply(rows: usize, count: i32, size: i32, matrix: usize, to: usize, pitch: i32, add: bool): void {
  for (let r = 0; r < count; r += CHUNK) {
    linear(rows + <usize>(r * size) * 4, min(CHUNK, count - r), matrix, to + <usize>(r * pitch) * 4, pitch, add ? ADD : STORE, false);
  }
}
