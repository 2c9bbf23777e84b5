// Work on single rows: a depthwise convolution with a layer norm, and the rounding of a row to 7 bits.

import { gelu4 } from './activations';

/** 1.5 · 2^23: added to a small number, it leaves the nearest whole number in the last bits. */
const ROUNDING: f32 = 12582912;
const ROUNDING_BITS: i32 = 0x4b400000;
/** Added to a variance, as PyTorch's layer norm does. */
const LEAST: f32 = 1e-5;
/** Taps of a depthwise convolution. */
const TAPS: i32 = 7;

/** Of a row rounded to 7 bits, as floats: scale, zero (`value = (q - zero) * scale`), and the sum of all q. */
export const META_BYTES: i32 = 16;
/** Rows of activations that are worked on together: room for {@link TOGETHER} - 1 more is needed behind the last. */
export const TOGETHER: i32 = 5;

/**
 * Rounds rows [count, size] to 7 bits, as products of 8 bits read them: of {@link TOGETHER} rows each in turn four values.
 * @param size a multiple of 16.
 * @param meta for each row scale, zero, sum.
 * @param keepRest whether the rows are replaced by the rounding error.
 * @param activate whether the rows are first replaced by their GELU.
 */
export function quantizeRows(from: usize, count: i32, size: i32, to: usize, meta: usize, keepRest: bool, activate: bool): void {
  for (let i = 0; i < count; i++) {
    const together = i - (i % TOGETHER);
    quantize(from + <usize>(i * size) * 4, size, to + <usize>(together * size + (i - together) * 4), meta + <usize>(i * META_BYTES), keepRest, activate);
  }
}

function total(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/**
 * Layer norm of one row.
 * @param channels a multiple of 4.
 */
export function normalize(from: usize, channels: i32, gain: usize, bias: usize, to: usize): void {
  const bytes = <usize>(channels << 2);
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sum = f32x4.add(sum, v128.load(from + i));
  const mean = f32x4.splat(total(sum) / <f32>channels);
  let square = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = f32x4.sub(v128.load(from + i), mean);
    square = f32x4.add(square, f32x4.mul(x, x));
  }
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(total(square) / <f32>channels + LEAST));
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = f32x4.mul(f32x4.sub(v128.load(from + i), mean), scale);
    v128.store(to + i, f32x4.add(f32x4.mul(x, v128.load(gain + i)), v128.load(bias + i)));
  }
}

/**
 * Depthwise convolution over time of one frame; beyond the first and the last frame lie zeros.
 * @param x all frames [frames, channels].
 * @param weights [7, channels].
 */
export function convolve(x: usize, frame: i32, frames: i32, channels: i32, weights: usize, bias: usize, dilation: i32, to: usize): void {
  const bytes = <usize>(channels << 2);
  const reach = (TAPS >> 1) * dilation;
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = v128.load(bias + i);
    for (let tap = 0; tap < TAPS; tap++) {
      const at = frame - reach + tap * dilation;
      if (at < 0 || at >= frames) continue;
      sum = f32x4.add(sum, f32x4.mul(v128.load(x + <usize>at * bytes + i), v128.load(weights + <usize>tap * bytes + i)));
    }
    v128.store(to + i, sum);
  }
}

/** {@link convolve} of four frames that follow each other, with the same bits, where no tap of theirs lies beyond the first or the last frame. */
export function convolve4(x: usize, frame: i32, channels: i32, weights: usize, bias: usize, dilation: i32, to: usize): void {
  const bytes = <usize>(channels << 2);
  const step = <usize>dilation * bytes;
  const first = x + <usize>(frame - (TAPS >> 1) * dilation) * bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    let a = v128.load(bias + i), b = a, c = a, d = a;
    let p = first + i, w = weights + i;
    for (let tap = 0; tap < TAPS; tap++, p += step, w += bytes) {
      const factor = v128.load(w);
      let q = p;
      a = f32x4.add(a, f32x4.mul(v128.load(q), factor));
      q += bytes;
      b = f32x4.add(b, f32x4.mul(v128.load(q), factor));
      q += bytes;
      c = f32x4.add(c, f32x4.mul(v128.load(q), factor));
      q += bytes;
      d = f32x4.add(d, f32x4.mul(v128.load(q), factor));
    }
    let o = to + i;
    v128.store(o, a);
    o += bytes;
    v128.store(o, b);
    o += bytes;
    v128.store(o, c);
    o += bytes;
    v128.store(o, d);
  }
}

/** {@link convolve4} without dilation: each row is loaded once for all four frames, whose taps are added up in the same order. */
export function convolve4Close(x: usize, frame: i32, channels: i32, weights: usize, bias: usize, to: usize): void {
  const bytes = <usize>(channels << 2);
  const first = x + <usize>(frame - (TAPS >> 1)) * bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    let p = weights + i;
    const w0 = v128.load(p);
    p += bytes;
    const w1 = v128.load(p);
    p += bytes;
    const w2 = v128.load(p);
    p += bytes;
    const w3 = v128.load(p);
    p += bytes;
    const w4 = v128.load(p);
    p += bytes;
    const w5 = v128.load(p);
    p += bytes;
    const w6 = v128.load(p);
    let a = v128.load(bias + i), b = a, c = a, d = a;
    p = first + i;
    let row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w0));
    p += bytes;
    row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w1));
    b = f32x4.add(b, f32x4.mul(row, w0));
    p += bytes;
    row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w2));
    b = f32x4.add(b, f32x4.mul(row, w1));
    c = f32x4.add(c, f32x4.mul(row, w0));
    p += bytes;
    row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w3));
    b = f32x4.add(b, f32x4.mul(row, w2));
    c = f32x4.add(c, f32x4.mul(row, w1));
    d = f32x4.add(d, f32x4.mul(row, w0));
    p += bytes;
    row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w4));
    b = f32x4.add(b, f32x4.mul(row, w3));
    c = f32x4.add(c, f32x4.mul(row, w2));
    d = f32x4.add(d, f32x4.mul(row, w1));
    p += bytes;
    row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w5));
    b = f32x4.add(b, f32x4.mul(row, w4));
    c = f32x4.add(c, f32x4.mul(row, w3));
    d = f32x4.add(d, f32x4.mul(row, w2));
    p += bytes;
    row = v128.load(p);
    a = f32x4.add(a, f32x4.mul(row, w6));
    b = f32x4.add(b, f32x4.mul(row, w5));
    c = f32x4.add(c, f32x4.mul(row, w4));
    d = f32x4.add(d, f32x4.mul(row, w3));
    p += bytes;
    row = v128.load(p);
    b = f32x4.add(b, f32x4.mul(row, w6));
    c = f32x4.add(c, f32x4.mul(row, w5));
    d = f32x4.add(d, f32x4.mul(row, w4));
    p += bytes;
    row = v128.load(p);
    c = f32x4.add(c, f32x4.mul(row, w6));
    d = f32x4.add(d, f32x4.mul(row, w5));
    p += bytes;
    d = f32x4.add(d, f32x4.mul(v128.load(p), w6));
    p = to + i;
    v128.store(p, a);
    p += bytes;
    v128.store(p, b);
    p += bytes;
    v128.store(p, c);
    p += bytes;
    v128.store(p, d);
  }
}

/** Whether a frame is one of the four of a {@link convolve4}. */
// @ts-ignore: decorator
@inline
export function inside(frame: i32, frames: i32, dilation: i32): bool {
  const reach = (TAPS >> 1) * dilation;
  return frame >= reach && frame + 3 + reach < frames;
}

/** Rounds one row to 7 bits over its own range, which is widened to hold 0. Between each four values others have room. */
function quantize(from: usize, size: i32, to: usize, meta: usize, keepRest: bool, activate: bool): void {
  let low = f32x4.splat(0), high = f32x4.splat(0);
  const bytes = <usize>(size << 2);
  if (activate) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = gelu4(v128.load(from + i));
      v128.store(from + i, x);
      low = f32x4.pmin(low, x);
      high = f32x4.pmax(high, x);
    }
  } else {
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(from + i);
      low = f32x4.pmin(low, x);
      high = f32x4.pmax(high, x);
    }
  }
  const least = min(min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)), min(f32x4.extract_lane(low, 2), f32x4.extract_lane(low, 3)));
  const most = max(max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3)));
  const range = most - least;
  const inverse: f32 = range > 1e-30 ? <f32>127 / range : 0;
  const zero = <i32>nearest<f32>(-least * inverse);
  const factor = f32x4.splat(inverse), shift = f32x4.splat(ROUNDING + <f32>zero), base = i32x4.splat(ROUNDING_BITS);
  const nothing = i8x16.splat(0);
  let sum = i32x4.splat(0);
  for (let i: usize = 0, o = to; i < bytes; i += 64, o += 16 * TOGETHER) {
    const a = i32x4.sub(f32x4.add(f32x4.mul(v128.load(from + i), factor), shift), base);
    const b = i32x4.sub(f32x4.add(f32x4.mul(v128.load(from + i, 16), factor), shift), base);
    const c = i32x4.sub(f32x4.add(f32x4.mul(v128.load(from + i, 32), factor), shift), base);
    const d = i32x4.sub(f32x4.add(f32x4.mul(v128.load(from + i, 48), factor), shift), base);
    const q = i8x16.max_s(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)), nothing);
    v128.store_lane<i32>(o, q, 0);
    v128.store_lane<i32>(o, q, 1, 4 * TOGETHER);
    v128.store_lane<i32>(o, q, 2, 8 * TOGETHER);
    v128.store_lane<i32>(o, q, 3, 12 * TOGETHER);
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(q)));
    if (keepRest) {
      rest(from + i, a, zero, range);
      rest(from + i + 16, b, zero, range);
      rest(from + i + 32, c, zero, range);
      rest(from + i + 48, d, zero, range);
    }
  }
  store<f32>(meta, range / <f32>127);
  store<f32>(meta, <f32>zero, 4);
  store<f32>(meta, <f32>(i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + (i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3))), 8);
}

/** Stores the difference from the value of `q`. */
// @ts-ignore: decorator
@inline
function rest(at: usize, q: v128, zero: i32, range: f32): void {
  const value = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(q, i32x4.splat(zero))), f32x4.splat(range / <f32>127));
  v128.store(at, f32x4.sub(v128.load(at), value));
}
