import { loadStackKernel } from '#stack-kernel';
import type { Tensors } from '../backend.ts';
import type { Constant } from './graph.ts';
import type { StackKernel } from './kernel/kernel.ts';
import { KernelMemory } from './memory.ts';
import { type BlockWeights, floatsOf, NotAStack, type Product } from './recognize.ts';

/** Runs a stage; what it takes in the network's memory is given back by the caller. */
export type StackRun = (inputs: Tensors) => Tensors;

/** A matrix in the kernel's memory. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly at: number;
  readonly bias: number;
}

interface Block {
  readonly mix: number;
  readonly mixBias: number;
  readonly dilation: number;
  readonly expanded: number;
  readonly gain: number;
  readonly bias: number;
  readonly affine?: Matrix;
  readonly up: number;
  readonly down: number;
}

/** Rows rounded to 7 bits, with their scales. */
interface Rounded {
  readonly rows: number;
  readonly meta: number;
}

/** Rows of activations are laid out for so many more, since the kernel works on four together. */
const SPARE_ROWS = 3;
const META_BYTES = 16;
/** Values are written as they are: `STORE` in the kernel. */
const STORE = 0;
/** Added to what is there. */
const MORE = 3;

/** One network's weights and workspace: a kernel of its own, whose memory is gone with the last reference to it. */
export class Network extends KernelMemory {
  /** @throws when the runtime has no WebAssembly with relaxed SIMD. */
  static async open(): Promise<Network> {
    const { exports } = new WebAssembly.Instance(await loadStackKernel(), {});
    return new Network(exports as unknown as StackKernel);
  }

  /** Puts a matrix into memory for products of floats. `reorder` may change the order of its rows [K, N], and their number. */
  matrix32(
    { weight, scales, zeros, bias, turned }: Product,
    reorder?: (w: Float32Array, columns: number) => Float32Array,
    scale = 1,
    shift = 0,
  ): Matrix {
    const [a, b] = weight.dims;
    let [rows, columns] = turned ? [b, a] : [a, b];
    let values = this.#widened(weight, scales, zeros);
    if (turned) values = transpose(values, a, b);
    if (reorder) values = reorder(values, columns);
    if (scale !== 1) values = values.map((v) => v * scale);
    rows = values.length / columns;
    const wide = Math.ceil(columns / 8) * 8;
    const at = this.floats(rows * wide);
    const added = this.put(floatsOf(bias).map((v) => v * scale + shift));
    const mark = this.mark();
    const from = this.put(values);
    this.kernel.pack32(from, rows, columns, at);
    this.rewind(mark);
    return { rows, columns, at, bias: added };
  }

  /** Puts some columns of a matrix of 8 bits into memory. @throws {NotAStack} when it is not of 8 bits, or too odd in size. */
  matrix8({ weight, scales, zeros, bias, turned }: Product, first = 0, count?: number): Matrix {
    const [rows, pitch] = weight.dims;
    const columns = count ?? pitch - first;
    if (weight.type !== 2 || !scales || zeros?.type !== 2 || turned || rows % 16)
      throw new NotAStack('matrix');
    const wide = Math.ceil(columns / 8) * 8;
    const part = (constant: Constant) => this.put(floatsOf(constant).subarray(first, first + columns));
    const packed = this.take(rows * wide);
    const [offsets, sums] = [this.floats(wide), this.floats(wide)];
    const fields = [packed, part(scales), offsets, sums, part(bias)];
    const at = this.take(20);
    new Uint32Array(this.kernel.memory.buffer, at, 5).set(fields);
    const mark = this.mark();
    const [from, zero] = [this.bytes(weight.bytes), this.bytes(zeros.bytes)];
    this.kernel.pack8(from, rows, pitch, first, columns, zero, packed, offsets, sums);
    this.rewind(mark);
    return { rows, columns, at, bias: fields[4] };
  }

  blocks(weights: readonly BlockWeights[]): Block[] {
    return weights.map(({ mix, mixBias, dilation, gain, bias, affine, up, down }) => {
      const [channels, , taps] = mix.dims;
      const wide = this.matrix8(up);
      if (taps !== 7 || channels > this.kernel.mostChannels() || wide.columns > this.kernel.widest())
        throw new NotAStack('block');
      return {
        mix: this.put(transpose(floatsOf(mix), channels, taps)),
        mixBias: this.put(floatsOf(mixBias)),
        dilation,
        expanded: wide.columns,
        gain: this.put(floatsOf(gain)),
        bias: this.put(floatsOf(bias)),
        affine: affine && this.matrix32(affine),
        up: wide.at,
        down: this.matrix8(down).at,
      };
    });
  }

  /**
   * Runs blocks one after the other.
   * @param x f32 [frames, channels]; overwritten.
   * @param style what the adaptive norms follow.
   * @returns where the result is: in `x` or in `other`.
   */
  run(
    blocks: readonly Block[],
    x: number,
    other: number,
    frames: number,
    channels: number,
    style?: Float32Array,
  ): number {
    let [from, to] = [x, other];
    const mark = this.mark();
    const given = style && this.#rows(style);
    for (const block of blocks) {
      let { gain, bias } = block;
      if (block.affine && given !== undefined)
        [gain, bias] = this.#adapted(block, block.affine, given, channels);
      const { mix, mixBias, dilation, expanded, up, down } = block;
      this.kernel.block(from, to, frames, channels, expanded, mix, mixBias, dilation, gain, bias, up, down);
      [from, to] = [to, from];
    }
    this.rewind(mark);
    return from;
  }

  /** Gain and bias of a layer norm that follows a style: norm(x) · (1 + g) + b. */
  #adapted({ gain, bias }: Block, affine: Matrix, style: number, channels: number): [number, number] {
    const moved = this.floats(affine.columns + 8);
    this.product32(style, 1, affine.rows, affine, moved, affine.columns);
    const [g, b] = [this.floats(channels), this.floats(channels)];
    const moves = this.view(moved, 2 * channels);
    const [gains, biases, ownGain, ownBias] = [g, b, gain, bias].map((at) => this.view(at, channels));
    for (let i = 0; i < channels; i++) {
      gains[i] = ownGain[i] * (1 + moves[i]);
      biases[i] = ownBias[i] * (1 + moves[i]) + moves[channels + i];
    }
    return [g, b];
  }

  /** One row with room for the rows that the kernel works on beside it. */
  #rows(row: Float32Array): number {
    const at = this.floats(row.length * (1 + SPARE_ROWS));
    this.view(at, row.length).set(row);
    return at;
  }

  /** Room for rows of activations. */
  rows(count: number, size: number): number {
    return this.floats((count + SPARE_ROWS) * size);
  }

  normalize(from: number, count: number, channels: number, gain: number, bias: number): void {
    this.kernel.normalizeRows(from, count, channels, gain, bias, from);
  }

  /** Rounds rows [count, size] for {@link product8}; they become what the rounding left out. */
  round(from: number, count: number, size: number): Rounded {
    const rounded = { rows: this.take((count + SPARE_ROWS) * size), meta: this.take(count * META_BYTES) };
    this.kernel.roundRows(from, count, size, rounded.rows, rounded.meta, true);
    return rounded;
  }

  /**
   * A new tensor of the product's result, held within [low, high].
   * @param terms rounded rows that belong together: the result is the sum of their products.
   */
  product8(
    terms: readonly Rounded[],
    count: number,
    matrix: Matrix,
    low = -Infinity,
    high = Infinity,
  ): Float32Array {
    const { at, columns, rows: size } = matrix;
    const mark = this.mark();
    const to = this.floats(count * columns);
    for (const [i, { rows, meta }] of terms.entries()) {
      this.kernel.product8(
        rows,
        count,
        size,
        meta,
        at,
        columns,
        to,
        columns,
        i === 0 ? STORE : MORE,
        low,
        high,
      );
    }
    this.rewind(mark);
    return this.view(to, count * columns).slice();
  }

  /** @param step floats from a row to the next; rows may overlap. */
  product32(rows: number, count: number, step: number, matrix: Matrix, to: number, pitch: number): void {
    const { at, bias, columns, rows: size } = matrix;
    this.kernel.product32(rows, count, step, size, at, columns, bias, to, pitch);
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

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c];
  return out;
}
