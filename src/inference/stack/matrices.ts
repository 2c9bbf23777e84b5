import type { Constant } from './graph.ts';
import { KernelMemory } from './memory.ts';
import { floatsOf, NotAStack, type Product } from './recognize.ts';

/** A matrix in the kernel's memory. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Address of its description, as the kernel's products take it. */
  readonly at: number;
  readonly weights: number;
  readonly bias: number;
}

/** Changes to a matrix before it is laid out. */
export interface MatrixChanges {
  /** The first of its rows and the one after the last, to keep only these. Without the first row, the bias is 0. */
  readonly rows?: readonly [number, number];
  /** May change the order of its rows [K, N], and their number. */
  readonly reorder?: (weights: Float32Array, columns: number) => Float32Array;
  /** Factor of weights and bias: one for all columns, or one for each. */
  readonly scale?: number | Float32Array;
  /** Added to the bias. */
  readonly shift?: number;
}

/** A kernel's memory that matrices are put into as its products read them. */
export class MatrixMemory extends KernelMemory {
  /**
   * Copies a matrix into memory in its stored form: 8 bits or floats.
   * @throws {NotAStack} when its size is not supported.
   */
  matrix(product: Product): Matrix {
    return product.weight.type === 2 ? this.matrix8(product) : this.matrix32(product);
  }

  /** Puts a matrix into memory for products of floats. */
  matrix32(
    { weight, scales, zeros, bias, turned }: Product,
    { rows: kept, reorder, scale = 1, shift = 0 }: MatrixChanges = {},
  ): Matrix {
    const [a, b] = weight.dims;
    const columns = turned ? a : b;
    let values = this.#widened(weight, scales, zeros);
    if (turned) values = transpose(values, a, b);
    if (kept) values = values.subarray(kept[0] * columns, kept[1] * columns);
    if (reorder) values = reorder(values, columns);
    const factor = (column: number) => (typeof scale === 'number' ? scale : scale[column]);
    if (scale !== 1) values = values.map((v, i) => v * factor(i % columns));
    const rows = values.length / columns;
    const weights = this.floats(rows * Math.ceil(columns / 8) * 8);
    const own = kept && kept[0] > 0 ? new Float32Array(columns) : floatsOf(bias);
    const added = this.put(own.map((v, column) => v * factor(column) + shift));
    const at = this.#describe([weights, 0, 0, 0, added, rows, columns, 1]);
    const mark = this.mark();
    this.kernel.pack32(this.put(values), rows, columns, columns, 1, weights);
    this.rewind(mark);
    return { rows, columns, at, weights, bias: added };
  }

  /**
   * Puts some columns of a matrix of 8 bits into memory.
   * @throws {NotAStack} when it is not of 8 bits, or too odd in size.
   */
  matrix8({ weight, scales, zeros, bias, turned }: Product, first = 0, count?: number): Matrix {
    const [rows, pitch] = weight.dims;
    const columns = count ?? pitch - first;
    if (weight.type !== 2 || !scales || zeros?.type !== 2 || turned || rows % 16)
      throw new NotAStack('matrix');
    const wide = Math.ceil(columns / 8) * 8;
    const part = (constant: Constant) => this.put(floatsOf(constant).subarray(first, first + columns));
    const weights = this.take(rows * wide);
    const [offsets, sums] = [this.floats(wide), this.floats(wide)];
    const added = part(bias);
    const at = this.#describe([weights, part(scales), offsets, sums, added, rows, columns, 0]);
    const mark = this.mark();
    const [from, zero] = [this.bytes(weight.bytes), this.bytes(zeros.bytes)];
    this.kernel.pack8(from, rows, pitch, first, columns, zero, weights, offsets, sums);
    this.rewind(mark);
    return { rows, columns, at, weights, bias: added };
  }

  #describe(fields: readonly number[]): number {
    const at = this.take(4 * fields.length);
    new Uint32Array(this.kernel.memory.buffer, at, fields.length).set(fields);
    return at;
  }

  #widened(weight: Constant, scales?: Constant, zeros?: Constant): Float32Array {
    const count = weight.dims.reduce((all, size) => all * size, 1);
    if (weight.type === 1) return floatsOf(weight);
    const mark = this.mark();
    const to = this.floats(count);
    const from = this.bytes(weight.bytes);
    if (weight.type === 10) this.kernel.widen16(from, count, to);
    else if (weight.type === 2 && scales && zeros) {
      const [rows, columns] = weight.dims;
      this.kernel.widen8(from, rows, columns, this.put(floatsOf(scales)), this.bytes(zeros.bytes), to);
    } else throw new NotAStack('weight');
    this.rewind(mark);
    return this.view(to, count).slice();
  }
}

/** A matrix [rows, columns] turned over. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c];
  return out;
}
