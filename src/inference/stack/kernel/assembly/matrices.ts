// Products of rows with constant matrices, and how those lie in memory: eight columns together, so that one load serves four rows.

import { META_BYTES } from './rows';

/** What becomes of a product's result. */
export const STORE: i32 = 0;
export const GELU: i32 = 1;
/** Added to what is there. */
export const ADD: i32 = 2;
/** Added to what is there, without the bias. */
export const MORE: i32 = 3;

/** Columns that are worked on together. */
const GROUP: i32 = 8;

/**
 * Lays out columns of a matrix of 8 bits: for each eight columns and four rows two vectors, each of four columns of four rows.
 * @param from u8 [rows, pitch]; `value = (q - zeros[column]) * scale[column]`.
 * @param first column to begin with.
 * @param rows a multiple of 16.
 * @param zeros u8 [pitch].
 * @param to room for the columns rounded up to a multiple of 8.
 * @param offsets i32 for each column: its zero less 128, then at `sums` the sum of its values (without scale).
 */
export function pack8(from: usize, rows: i32, pitch: i32, first: i32, columns: i32, zeros: usize, to: usize, offsets: usize, sums: usize): void {
  for (let n = 0; n < columns; n += GROUP) {
    for (let k = 0; k < rows; k += 4) {
      for (let c = 0; c < GROUP; c++) {
        for (let i = 0; i < 4; i++, to++) {
          store<i8>(to, n + c < columns ? <i8>(<i32>load<u8>(from + (k + i) * pitch + first + n + c) - 128) : 0);
        }
      }
    }
  }
  for (let n = 0; n < columns; n++) {
    const zero = <i32>load<u8>(zeros + first + n);
    let sum = -zero * rows;
    for (let k = 0; k < rows; k++) sum += <i32>load<u8>(from + k * pitch + first + n);
    store<i32>(offsets + (n << 2), zero - 128);
    store<i32>(sums + (n << 2), sum);
  }
}

/** Lays out a float matrix [rows, columns]: for each eight columns and each row, eight numbers. */
export function pack32(from: usize, rows: i32, columns: i32, to: usize): void {
  for (let n = 0; n < columns; n += GROUP) {
    for (let k = 0; k < rows; k++) {
      for (let c = n; c < n + GROUP; c++, to += 4) store<f32>(to, c < columns ? load<f32>(from + ((k * columns + c) << 2)) : 0);
    }
  }
}

/** u8 [rows, columns] with a scale and a zero for each column to float. */
export function widen8(from: usize, rows: i32, columns: i32, scales: usize, zeros: usize, to: usize): void {
  for (let k = 0; k < rows; k++) {
    for (let n = 0; n < columns; n++, from++, to += 4) {
      store<f32>(to, <f32>(<i32>load<u8>(from) - <i32>load<u8>(zeros + n)) * load<f32>(scales + (n << 2)));
    }
  }
}

/** float16 to float; infinities and NaN do not occur in weights. */
export function widen16(from: usize, count: i32, to: usize): void {
  for (let i = 0; i < count; i++) {
    const bits = <u32>load<u16>(from + (i << 1));
    const size = reinterpret<f32>((bits & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
    store<f32>(to + (i << 2), bits & 0x8000 ? -size : size);
  }
}

/** e^x in single precision for |x| < 80, to 4e-5 of its value: what becomes of it is rounded to 7 bits. */
// @ts-ignore: decorator
@inline
function exp4(x: v128): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(1.44269504));
  // The nearest whole number stands in the last bits.
  const whole = f32x4.add(scaled, f32x4.splat(12582912));
  const r = f32x4.sub(scaled, f32x4.sub(whole, f32x4.splat(12582912)));
  let p = f32x4.splat(0.0096181);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.0555041));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.2402265));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.6931472));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(whole, 23));
}

/** GELU in the form with tanh, as the graphs have it: x / (1 + exp(-2 sqrt(2 / pi) (x + 0.044715 x^3))). */
// @ts-ignore: decorator
@inline
function gelu4(x: v128): v128 {
  const inner = f32x4.mul(x, f32x4.add(f32x4.splat(-1.5957691), f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.0713548))));
  const e = exp4(f32x4.pmax(f32x4.splat(-60), f32x4.pmin(f32x4.splat(60), inner)));
  return f32x4.div(x, f32x4.add(f32x4.splat(1), e));
}

// @ts-ignore: decorator
@inline
function finish(to: usize, value: v128, mode: i32, low: f32, high: f32, left: i32): void {
  if (mode == GELU) value = gelu4(value);
  else if (mode != STORE) value = f32x4.add(value, v128.load(to));
  if (mode == STORE || mode == MORE) value = f32x4.pmax(f32x4.splat(low), f32x4.pmin(f32x4.splat(high), value));
  if (left >= 4) {
    v128.store(to, value);
    return;
  }
  // The last columns of a row: what lies behind them is the next row.
  if (left > 0) v128.store_lane<f32>(to, value, 0);
  if (left > 1) v128.store_lane<f32>(to + 4, value, 1);
  if (left > 2) v128.store_lane<f32>(to + 8, value, 2);
}

// @ts-ignore: decorator
@inline
function finish8(to: usize, sum: v128, meta: usize, matrix: usize, column: i32, mode: i32, low: f32, high: f32, columns: i32): void {
  const at = <usize>(column << 2);
  const scale = f32x4.mul(v128.load32_splat(meta), v128.load(<usize>load<u32>(matrix, SCALES) + at));
  const ofRow = i32x4.mul(v128.load32_splat(meta, 8), v128.load(<usize>load<u32>(matrix, OFFSETS) + at));
  const ofColumn = i32x4.mul(v128.load32_splat(meta, 4), v128.load(<usize>load<u32>(matrix, SUMS) + at));
  const whole = f32x4.convert_i32x4_s(i32x4.sub(i32x4.sub(sum, ofRow), ofColumn));
  let value = f32x4.mul(whole, scale);
  if (mode != MORE) value = f32x4.add(value, v128.load(<usize>load<u32>(matrix, BIAS) + at));
  finish(to + at, value, mode, low, high, columns - column);
}

// A matrix of 8 bits is five addresses.
const SCALES = 4;
const OFFSETS = 8;
const SUMS = 12;
const BIAS = 16;

/**
 * Rows of 7 bits times a matrix of 8 bits, in whole numbers. The relaxed product is exact on every machine, since no row's value has its
 * highest bit set and two products of 7 and 8 bits fit into 16.
 * @param rows u8 [count, size]; room for three more rows behind them.
 * @param matrix addresses of columns as {@link pack8} lays them out, scales, offsets, sums and bias, each for the columns rounded up to 8.
 * @param pitch floats from a row of the result to the next.
 */
export function product8(rows: usize, count: i32, size: i32, meta: usize, matrix: usize, columns: i32, to: usize, pitch: i32, mode: i32, low: f32, high: f32): void {
  let weights = <usize>load<u32>(matrix);
  const next = <usize>(size * GROUP);
  const far = <usize>(pitch << 2);
  for (let n = 0; n < columns; n += GROUP, weights += next) {
    for (let r = 0; r < count; r += 4) {
      let a = rows + <usize>(r * size);
      const end = weights + next;
      let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      const b = a + size, c = b + size, d = c + size;
      let k: usize = 0;
      for (let p = weights; p < end; p += 32, k += 4) {
        const w0 = v128.load(p), w1 = v128.load(p, 16);
        let x = v128.load32_splat(a + k);
        s00 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, s00);
        s01 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, s01);
        x = v128.load32_splat(b + k);
        s10 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, s10);
        s11 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, s11);
        x = v128.load32_splat(c + k);
        s20 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, s20);
        s21 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, s21);
        x = v128.load32_splat(d + k);
        s30 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, s30);
        s31 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, s31);
      }
      const m = meta + <usize>(r * META_BYTES);
      const o = to + <usize>r * far;
      finish8(o, s00, m, matrix, n, mode, low, high, columns);
      finish8(o, s01, m, matrix, n + 4, mode, low, high, columns);
      if (r + 1 >= count) continue;
      finish8(o + far, s10, m + META_BYTES, matrix, n, mode, low, high, columns);
      finish8(o + far, s11, m + META_BYTES, matrix, n + 4, mode, low, high, columns);
      if (r + 2 >= count) continue;
      finish8(o + 2 * far, s20, m + 2 * META_BYTES, matrix, n, mode, low, high, columns);
      finish8(o + 2 * far, s21, m + 2 * META_BYTES, matrix, n + 4, mode, low, high, columns);
      if (r + 3 >= count) continue;
      finish8(o + 3 * far, s30, m + 3 * META_BYTES, matrix, n, mode, low, high, columns);
      finish8(o + 3 * far, s31, m + 3 * META_BYTES, matrix, n + 4, mode, low, high, columns);
    }
  }
}

/**
 * Float rows times a float matrix, always added up in the same order.
 * @param rows f32; each begins `step` floats after the one before, and they may overlap. Room for three more behind them.
 * @param weights as {@link pack32} lays them out.
 */
export function product32(rows: usize, count: i32, step: i32, size: i32, weights: usize, columns: i32, bias: usize, to: usize, pitch: i32): void {
  const next = <usize>(size * GROUP) << 2;
  const far = <usize>(pitch << 2), stride = <usize>(step << 2);
  for (let n = 0; n < columns; n += GROUP, weights += next) {
    const left = columns - n;
    for (let r = 0; r < count; r += 4) {
      const a = rows + <usize>r * stride;
      const end = weights + next;
      let s00 = v128.load(bias + (n << 2)), s01 = v128.load(bias + (n << 2), 16);
      let s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01;
      let k = a;
      for (let p = weights; p < end; p += 32, k += 4) {
        const w0 = v128.load(p), w1 = v128.load(p, 16);
        let x = v128.load32_splat(k);
        s00 = f32x4.add(s00, f32x4.mul(w0, x));
        s01 = f32x4.add(s01, f32x4.mul(w1, x));
        x = v128.load32_splat(k + stride);
        s10 = f32x4.add(s10, f32x4.mul(w0, x));
        s11 = f32x4.add(s11, f32x4.mul(w1, x));
        x = v128.load32_splat(k + 2 * stride);
        s20 = f32x4.add(s20, f32x4.mul(w0, x));
        s21 = f32x4.add(s21, f32x4.mul(w1, x));
        x = v128.load32_splat(k + 3 * stride);
        s30 = f32x4.add(s30, f32x4.mul(w0, x));
        s31 = f32x4.add(s31, f32x4.mul(w1, x));
      }
      const o = to + <usize>r * far + (n << 2);
      keep(o, s00, s01, left);
      if (r + 1 < count) keep(o + far, s10, s11, left);
      if (r + 2 < count) keep(o + 2 * far, s20, s21, left);
      if (r + 3 < count) keep(o + 3 * far, s30, s31, left);
    }
  }
}

// @ts-ignore: decorator
@inline
function keep(to: usize, a: v128, b: v128, left: i32): void {
  finish(to, a, STORE, -Infinity, Infinity, left);
  finish(to + 16, b, STORE, -Infinity, Infinity, left - 4);
}
