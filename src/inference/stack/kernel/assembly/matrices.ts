// Products of rows with constant matrices, and how those lie in memory: eight columns together, so that one load serves five rows.

import { META_BYTES, quantizeRows, TOGETHER } from './rows';

/** How the result of a product is stored. */
export const STORE: i32 = 0;
export const GELU: i32 = 1;
/** Added to what is there. */
export const ADD: i32 = 2;
/** Added to the existing values, without the bias. */
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
 * @param offsets f32 for each column: its zero less 128, then at `sums` the sum of its values (without scale).
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
    store<f32>(offsets + (n << 2), <f32>(zero - 128));
    store<f32>(sums + (n << 2), <f32>sum);
  }
}

/**
 * Lays out a float matrix [rows, columns]: for each eight columns and each row, eight numbers.
 * @param down floats from a row to the next.
 * @param across floats from a column to the next.
 */
export function pack32(from: usize, rows: i32, columns: i32, down: i32, across: i32, to: usize): void {
  for (let n = 0; n < columns; n += GROUP) {
    for (let k = 0; k < rows; k++) {
      for (let c = n; c < n + GROUP; c++, to += 4) store<f32>(to, c < columns ? load<f32>(from + ((k * down + c * across) << 2)) : 0);
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
export function exp4(x: v128): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(1.44269504));
  // The last bits are the nearest integer.
  const whole = f32x4.add(scaled, f32x4.splat(12582912));
  const r = f32x4.sub(scaled, f32x4.sub(whole, f32x4.splat(12582912)));
  let p = f32x4.splat(0.0096181);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.0555041));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.2402265));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.6931472));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(whole, 23));
}

/**
 * GELU in the form with tanh, as the graphs have it, to 5e-4: what becomes of it is rounded to 7 bits. It is x (1/2 + p(x)), where p is an odd
 * polynomial, fitted for |x| < 3.6 so that it reaches 1/2 there.
 */
// @ts-ignore: decorator
@inline
function gelu4(x: v128): v128 {
  const t = f32x4.pmax(constant(0), f32x4.pmin(constant(1), x));
  const square = f32x4.mul(t, t);
  let p = constant(2);
  p = f32x4.add(f32x4.mul(p, square), constant(3));
  p = f32x4.add(f32x4.mul(p, square), constant(4));
  p = f32x4.add(f32x4.mul(p, square), constant(5));
  p = f32x4.add(f32x4.mul(p, square), constant(6));
  p = f32x4.add(f32x4.mul(p, square), constant(7));
  return f32x4.mul(x, f32x4.add(f32x4.mul(p, t), constant(8)));
}

// Constants of `gelu4`: loaded, since V8 spends four instructions on a constant vector.
const GELU_CONSTANTS = memory.data<f32>([
  -3.6, 3.6, -5.70747987e-7, 2.987579e-5, -6.57653184e-4, 8.08170971e-3, -6.31042906e-2, 3.96713184e-1, 0.5,
]);

// @ts-ignore: decorator
@inline
function constant(i: i32): v128 {
  return v128.load32_splat(GELU_CONSTANTS + (i << 2));
}

/** e^x for -87 < x ≤ 0, to 1e-6 of its value. */
// @ts-ignore: decorator
@inline
function exactExp4(x: v128): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(1.44269504));
  const shifted = f32x4.add(scaled, f32x4.splat(12582912));
  const whole = f32x4.sub(shifted, f32x4.splat(12582912));
  // ln 2 in two parts, of which the first has so few bits that its product is exact.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(whole, f32x4.splat(0.693359375))), f32x4.mul(whole, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.38888889e-3);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.33333333e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.16666667e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.66666667e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/**
 * GELU in its exact form, x (1 + erf(x / √2)) / 2, to 1e-6, in place. erf is formula 7.1.26 of Abramowitz and Stegun.
 * @param count of numbers, a multiple of 4.
 */
export function exactGelu(at: usize, count: i32): void {
  const one = f32x4.splat(1), half = f32x4.splat(0.5);
  for (const end = at + ((<usize>count) << 2); at < end; at += 16) {
    const x = v128.load(at);
    const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678));
    const t = f32x4.div(one, f32x4.add(one, f32x4.mul(z, f32x4.splat(0.3275911))));
    let p = f32x4.splat(1.061405429);
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-1.453152027));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.284496736));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
    // 1 - erf z, halved.
    const rest = f32x4.mul(f32x4.mul(f32x4.mul(p, t), half), exactExp4(f32x4.pmax(f32x4.splat(-86), f32x4.neg(f32x4.mul(z, z)))));
    const share = v128.bitselect(rest, f32x4.sub(one, rest), f32x4.lt(x, f32x4.splat(0)));
    v128.store(at, f32x4.mul(x, share));
  }
}

// @ts-ignore: decorator
@inline
function finish(to: usize, value: v128, mode: i32, left: i32): void {
  if (mode == GELU) value = gelu4(value);
  else if (mode == ADD) value = f32x4.add(value, v128.load(to));
  if (left >= 4) {
    v128.store(to, value);
    return;
  }
  // The last columns of a row: what lies behind them is the next row.
  if (left > 0) v128.store_lane<f32>(to, value, 0);
  if (left > 1) v128.store_lane<f32>(to + 4, value, 1);
  if (left > 2) v128.store_lane<f32>(to + 8, value, 2);
}

// Of the eight columns at work, each as two vectors: scales, offsets, sums and bias; then the least and the most of the results. They lie at fixed
// addresses, where no access needs a check of its bounds.
const group = memory.data(8 * 16 + 8, 16);
const BOUNDS = group + 8 * 16;

/** Copies what {@link finish8} reads of eight columns. */
// @ts-ignore: decorator
@inline
function loadGroup(matrix: usize, column: i32): void {
  const at = <usize>(column << 2);
  for (let i: usize = 0; i < 4; i++) {
    const from = <usize>load<u32>(matrix + (i << 2), SCALES) + at;
    v128.store(group + (i << 5), v128.load(from));
    v128.store(group + (i << 5), v128.load(from, 16), 16);
  }
}

/** Values of a row in the eight columns of `group`. */
// @ts-ignore: decorator
@inline
function finish8(to: usize, first: v128, second: v128, meta: usize, mode: i32, left: i32): void {
  const scale = v128.load32_splat(meta), zero = v128.load32_splat(meta, 4), sum = v128.load32_splat(meta, 8);
  finish8Half(to, first, scale, zero, sum, group, mode, left);
  finish8Half(to + 16, second, scale, zero, sum, group + 16, mode, left - 4);
}

/** All whole numbers here are below 2^24, so that floats hold them exactly. */
// @ts-ignore: decorator
@inline
function finish8Half(to: usize, product: v128, scale: v128, zero: v128, sum: v128, columns: usize, mode: i32, left: i32): void {
  const ofRow = f32x4.mul(sum, v128.load(columns, 32));
  const ofColumn = f32x4.mul(zero, v128.load(columns, 64));
  const whole = f32x4.sub(f32x4.sub(f32x4.convert_i32x4_s(product), ofRow), ofColumn);
  let value = f32x4.mul(whole, f32x4.mul(scale, v128.load(columns)));
  value = f32x4.add(value, mode == MORE ? v128.load(to) : v128.load(columns, 96));
  if (mode == STORE || mode == MORE) value = f32x4.pmax(v128.load32_splat(BOUNDS), f32x4.pmin(v128.load32_splat(BOUNDS, 4), value));
  finish(to, value, mode, left);
}

// A matrix is eight numbers: the address of what `pack8` or `pack32` laid out, addresses of scales, offsets, sums and bias, each for the columns
// rounded up to 8; rows, columns, and whether it is of floats, which have no scales, offsets and sums.
const SCALES = 4;
const OFFSETS = 8;
const SUMS = 12;
const BIAS = 16;
const ROWS = 20;
const COLUMNS = 24;
const IS_FLOAT = 28;

/**
 * Rows of 7 bits times a matrix of 8 bits, in whole numbers. The relaxed product is exact on every machine, since no row's value has its
 * highest bit set and two products of 7 and 8 bits fit into 16.
 * @param rows as `quantize` leaves them: {@link TOGETHER} rows together, of each in turn four values.
 * @param pitch floats from a row of the result to the next.
 */
export function product8(rows: usize, count: i32, meta: usize, matrix: usize, to: usize, pitch: i32, mode: i32, low: f32, high: f32): void {
  const size = load<i32>(matrix, ROWS), columns = load<i32>(matrix, COLUMNS);
  let weights = <usize>load<u32>(matrix);
  const next = <usize>(size * GROUP);
  const far = <usize>(pitch << 2);
  store<f32>(BOUNDS, low);
  store<f32>(BOUNDS, high, 4);
  for (let n = 0; n < columns; n += GROUP, weights += next) {
    loadGroup(matrix, n);
    for (let r = 0; r < count; r += TOGETHER) {
      const end = weights + next;
      // Ten sums, two weights and two inputs fit into the 16 vector registers of x86-64. One load serves four rows, since runtimes that check the
      // bounds of each access spend as much on a load as on a product.
      let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
      let q = rows + <usize>(r * size);
      for (let p = weights; p < end; p += 32, q += 4 * TOGETHER) {
        const w0 = v128.load(p), w1 = v128.load(p, 16);
        const four = v128.load(q);
        let x = v128.shuffle<i32>(four, four, 0, 0, 0, 0);
        a0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, a0);
        a1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, a1);
        x = v128.shuffle<i32>(four, four, 1, 1, 1, 1);
        b0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, b0);
        b1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, b1);
        x = v128.shuffle<i32>(four, four, 2, 2, 2, 2);
        c0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, c0);
        c1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, c1);
        x = v128.shuffle<i32>(four, four, 3, 3, 3, 3);
        d0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, d0);
        d1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, d1);
        x = v128.load32_splat(q, 16);
        e0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w0, x, e0);
        e1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(w1, x, e1);
      }
      let m = meta + <usize>(r * META_BYTES);
      let o = to + <usize>r * far + <usize>(n << 2);
      finish8(o, a0, a1, m, mode, columns - n);
      if (r + 1 >= count) continue;
      m += META_BYTES;
      o += far;
      finish8(o, b0, b1, m, mode, columns - n);
      if (r + 2 >= count) continue;
      m += META_BYTES;
      o += far;
      finish8(o, c0, c1, m, mode, columns - n);
      if (r + 3 >= count) continue;
      m += META_BYTES;
      o += far;
      finish8(o, d0, d1, m, mode, columns - n);
      if (r + 4 >= count) continue;
      m += META_BYTES;
      o += far;
      finish8(o, e0, e1, m, mode, columns - n);
    }
  }
}

/**
 * Float rows times a float matrix, always added up in the same order.
 * @param rows f32; each begins `step` floats after the one before, and they may overlap.
 * @param weights as {@link pack32} lays them out.
 */
export function product32(rows: usize, count: i32, step: i32, size: i32, weights: usize, columns: i32, bias: usize, to: usize, pitch: i32, mode: i32): void {
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
      keep(o, s00, s01, left, mode);
      if (r + 1 < count) keep(o + far, s10, s11, left, mode);
      if (r + 2 < count) keep(o + 2 * far, s20, s21, left, mode);
      if (r + 3 < count) keep(o + 3 * far, s30, s31, left, mode);
    }
  }
}

// @ts-ignore: decorator
@inline
function keep(to: usize, a: v128, b: v128, left: i32, mode: i32): void {
  finish(to, a, mode, left);
  finish(to + 16, b, mode, left - 4);
}

/** Frames that go through a product together, so that they stay in a near cache. */
export const CHUNK: i32 = 25;
/** Most values of a row. */
export const WIDEST: i32 = 768;

const rounded = memory.data((25 + 4) * 768, 16);
const metas = memory.data(25 * 16, 16);

/**
 * At most {@link CHUNK} float rows times a matrix of either kind; for one of 8 bits they are rounded.
 * @param pitch floats from a row of the result to the next.
 */
export function linear(rows: usize, count: i32, matrix: usize, to: usize, pitch: i32, mode: i32): void {
  const size = load<i32>(matrix, ROWS);
  if (load<i32>(matrix, IS_FLOAT)) {
    product32(rows, count, size, size, <usize>load<u32>(matrix), load<i32>(matrix, COLUMNS), <usize>load<u32>(matrix, BIAS), to, pitch, mode);
    return;
  }
  quantizeRows(rows, count, size, rounded, metas, false);
  product8(rounded, count, metas, matrix, to, pitch, mode, -Infinity, Infinity);
}
