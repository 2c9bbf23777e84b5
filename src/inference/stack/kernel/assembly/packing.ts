// Weights in the order in which the products read them.

import { GROUP } from './matrices';

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
