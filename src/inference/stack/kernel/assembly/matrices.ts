// Products of rows with constant matrices, and how those lie in memory: eight columns together, so that one load serves five rows.

import { gelu } from './activations';
import { META_BYTES, quantizeRows, TOGETHER } from './rows';

/** How the result of a product is stored. */
export const STORE: i32 = 0;
/** Added to what is there. */
export const ADD: i32 = 1;
/** Added to the existing values, without the bias. */
export const MORE: i32 = 2;

/** Columns that are worked on together. */
export const GROUP: i32 = 8;

// @ts-ignore: decorator
@inline
function finish(to: usize, value: v128, mode: i32, left: i32): void {
  if (mode == ADD) value = f32x4.add(value, v128.load(to));
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

// Operands of a relaxed product that the standard leaves to the processor, since an activation here has more than 7 bits; and ones.
const PROBE = memory.data<u8>([127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], 16);
const ONES = memory.data<i16>([1, 1, 1, 1, 1, 1, 1, 1], 16);
/** Twice the largest sum of 16 bits: what x86-64 makes of {@link PROBE} with `pmaddubsw` and `pmaddwd`. */
const IN_STEPS: i32 = 65534;

/** Whether the processor has one instruction for products and their sum, as x86-64 with AVX-VNNI and ARM with SDOT have. */
function hasOneInstruction(): bool {
  const sums = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(PROBE), v128.load(PROBE, 16), i32x4.splat(0));
  return i32x4.extract_lane(sums, 0) != IN_STEPS;
}

// Types, since the compiler makes a function of its own for each.
class OneInstruction {}
class SeveralInstructions {}

/**
 * Adds products of four values each to sums, by the instruction for it or by its two steps. The result is the same. Where the processor has no
 * such instruction, V8 computes the ones of the second step anew for each product; here they stay in a register.
 */
// @ts-ignore: decorator
@inline
function dot<Dot>(weights: v128, x: v128, sums: v128, ones: v128): v128 {
  if (idof<Dot>() == idof<OneInstruction>()) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, x, sums);
  return i32x4.add(sums, i32x4.dot_i16x8_s(v128.relaxed_dot<i16>(weights, x), ones));
}

/**
 * Rows of 7 bits times a matrix of 8 bits, in whole numbers. The relaxed product is exact on every machine, since no row's value has its
 * highest bit set and two products of 7 and 8 bits fit into 16.
 * @param rows as `quantize` leaves them: {@link TOGETHER} rows together, of each in turn four values.
 * @param pitch floats from a row of the result to the next.
 */
export function product8(rows: usize, count: i32, meta: usize, matrix: usize, to: usize, pitch: i32, mode: i32, low: f32, high: f32): void {
  product8By(hasOneInstruction(), rows, count, meta, matrix, to, pitch, mode, low, high);
}

/** {@link product8} in the way that suits the processor, or in the other. @param inOne whether by one instruction. */
export function product8By(inOne: bool, rows: usize, count: i32, meta: usize, matrix: usize, to: usize, pitch: i32, mode: i32, low: f32, high: f32): void {
  store<f32>(BOUNDS, low);
  store<f32>(BOUNDS, high, 4);
  if (inOne) product8With<OneInstruction>(rows, count, meta, matrix, to, pitch, mode);
  else product8With<SeveralInstructions>(rows, count, meta, matrix, to, pitch, mode);
}

function product8With<Dot>(rows: usize, count: i32, meta: usize, matrix: usize, to: usize, pitch: i32, mode: i32): void {
  const size = load<i32>(matrix, ROWS), columns = load<i32>(matrix, COLUMNS);
  let weights = <usize>load<u32>(matrix);
  const next = <usize>(size * GROUP);
  const far = <usize>(pitch << 2);
  // Loaded, since V8 makes a constant anew in each pass of a loop.
  const ones = v128.load(ONES);
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
        a0 = dot<Dot>(w0, x, a0, ones);
        a1 = dot<Dot>(w1, x, a1, ones);
        x = v128.shuffle<i32>(four, four, 1, 1, 1, 1);
        b0 = dot<Dot>(w0, x, b0, ones);
        b1 = dot<Dot>(w1, x, b1, ones);
        x = v128.shuffle<i32>(four, four, 2, 2, 2, 2);
        c0 = dot<Dot>(w0, x, c0, ones);
        c1 = dot<Dot>(w1, x, c1, ones);
        x = v128.shuffle<i32>(four, four, 3, 3, 3, 3);
        d0 = dot<Dot>(w0, x, d0, ones);
        d1 = dot<Dot>(w1, x, d1, ones);
        x = v128.load32_splat(q, 16);
        e0 = dot<Dot>(w0, x, e0, ones);
        e1 = dot<Dot>(w1, x, e1, ones);
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
 * @param activate whether the rows are first replaced by their GELU.
 */
export function linear(rows: usize, count: i32, matrix: usize, to: usize, pitch: i32, mode: i32, activate: bool): void {
  const size = load<i32>(matrix, ROWS);
  if (load<i32>(matrix, IS_FLOAT)) {
    if (activate) gelu(rows, count * size);
    product32(rows, count, size, size, <usize>load<u32>(matrix), load<i32>(matrix, COLUMNS), <usize>load<u32>(matrix, BIAS), to, pitch, mode);
    return;
  }
  quantizeRows(rows, count, size, rounded, metas, false, activate);
  product8(rounded, count, metas, matrix, to, pitch, mode, -Infinity, Infinity);
}
