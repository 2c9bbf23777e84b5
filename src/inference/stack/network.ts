import { loadStackKernel } from '#stack-kernel';
import type { Tensors } from '../backend.ts';
import type { StackKernel } from './kernel/kernel.ts';
import { type Matrix, MatrixMemory, transpose } from './matrices.ts';
import {
  type AttentionWeights,
  type BlockWeights,
  floatsOf,
  type NormWeights,
  NotAStack,
} from './recognize.ts';

/**
 * Runs a stage. The caller frees the memory that it takes. A stage that pauses frees it before the pause, because another run may start
 * meanwhile.
 */
export type StackRun = (inputs: Tensors, signal?: AbortSignal) => Tensors | Promise<Tensors>;

/** A layer norm, and where its gain and bias come from a style, the matrix for it. */
interface Norm {
  readonly gain: number;
  readonly bias: number;
  readonly channels: number;
  readonly affine?: Matrix;
}

/** One ConvNeXt block in memory. */
export interface Block {
  readonly mix: number;
  readonly mixBias: number;
  readonly dilation: number;
  readonly expanded: number;
  readonly norm: Norm;
  readonly up: number;
  readonly down: number;
  /** Whether GELU has its exact form, with erf. */
  readonly exact: boolean;
}

/** One self-attention in memory. */
export interface Attention {
  readonly norm: Norm;
  readonly qkv: Matrix;
  readonly out: Matrix;
  readonly heads: number;
  /** Slopes of each head, towards the end and towards the beginning. */
  readonly falls: number;
}

/** Rows of activations [frames, channels], and as much room again. */
export interface Activations {
  readonly x: number;
  readonly other: number;
}

/** Rows rounded to 7 bits, with their scales. */
interface Rounded {
  readonly rows: number;
  readonly meta: number;
}

/** The rows that a block computes, of those that it reads. */
interface BlockRows {
  readonly frames: number;
  readonly first: number;
  readonly end: number;
  readonly channels: number;
}

/** Taps of a depthwise convolution in the kernel; shorter ones have zeros at their ends. */
const TAPS = 7;
/** Rows to each side that a block without dilation reads. */
export const REACH = TAPS >> 1;
const META_BYTES = 16;
/** Values are written as they are: `STORE` in the kernel. */
const STORE = 0;
/** Added to what is there: `ADD` in the kernel. */
const ADD = 1;
/** Added to what is there, without the bias: `MORE` in the kernel. */
const MORE = 2;

/** The weights and workspace of one network, in its own kernel instance. The memory is freed with the last reference. */
export class Network extends MatrixMemory {
  /** @throws when the runtime has no WebAssembly with relaxed SIMD. */
  static async open(): Promise<Network> {
    const { exports } = new WebAssembly.Instance(await loadStackKernel(), {});
    return new Network(exports as unknown as StackKernel);
  }

  norm({ gain, bias, affine }: NormWeights): Norm {
    const channels = gain.dims[0];
    return {
      gain: this.put(floatsOf(gain)),
      bias: this.put(floatsOf(bias)),
      channels,
      affine: affine && this.matrix32(affine),
    };
  }

  /** @param exact whether GELU has its exact form, with erf; otherwise that with tanh. */
  blocks(weights: readonly BlockWeights[], exact = false): Block[] {
    return weights.map(({ mix, mixBias, dilation, norm, up, down, scale }) => {
      const [channels, , taps] = mix.dims;
      const wide = this.matrix(up);
      if (taps > TAPS || taps % 2 === 0 || channels > this.kernel.mostChannels() || channels % 16)
        throw new NotAStack('block');
      if (wide.columns > this.kernel.widest()) throw new NotAStack('block');
      const filters = new Float32Array(TAPS * channels);
      filters.set(transpose(floatsOf(mix), channels, taps), ((TAPS - taps) / 2) * channels);
      return {
        mix: this.put(filters),
        mixBias: this.put(floatsOf(mixBias)),
        dilation,
        expanded: wide.columns,
        norm: this.norm(norm),
        up: wide.at,
        down: (scale ? this.matrix32(down, { scale: floatsOf(scale) }) : this.matrix(down)).at,
        exact,
      };
    });
  }

  attention({ norm, qkv, out, falls }: AttentionWeights): Attention {
    const [after, before] = falls.map(floatsOf);
    const pairs = Float32Array.from({ length: 2 * after.length }, (_, i) => (i % 2 ? before : after)[i >> 1]);
    const channels = norm.gain.dims[0];
    if (channels % (4 * after.length) || channels > this.kernel.widest()) throw new NotAStack('attention');
    return {
      norm: this.norm(norm),
      qkv: this.matrix(qkv),
      out: this.matrix(out),
      heads: after.length,
      falls: this.put(pairs),
    };
  }

  /**
   * Runs blocks one after the other.
   * @param rows f32 [frames, channels]; overwritten.
   * @param style input of the adaptive norms.
   * @returns the result in `x`.
   */
  run(
    blocks: readonly Block[],
    rows: Activations,
    frames: number,
    channels: number,
    style?: Float32Array,
  ): Activations {
    let { x, other } = rows;
    for (const block of blocks) {
      this.runBlock(block, x, other, { frames, first: 0, end: frames, channels }, style);
      [x, other] = [other, x];
    }
    return { x, other };
  }

  /**
   * Runs a block over the rows [first, end) of f32 [frames, channels]; it reads zeros beyond the first and the last row.
   * @param x address of row 0; unchanged.
   * @param to address of row 0 of the result, of which only [first, end) are written.
   */
  runBlock(block: Block, x: number, to: number, rows: BlockRows, style?: Float32Array): void {
    const { norm, mix, mixBias, dilation, expanded, up, down, exact } = block;
    const { frames, first, end, channels } = rows;
    const mark = this.mark();
    const [gain, bias] = this.#adapted(norm, style);
    this.kernel.block(
      ...[x, to, frames, first, end, channels, expanded, mix, mixBias, dilation, gain, bias, up, down],
      exact,
    );
    this.rewind(mark);
  }

  /** Adds self-attention to rows [count, channels]. */
  attend({ norm, qkv, out, heads, falls }: Attention, { x, other }: Activations, count: number): void {
    const mark = this.mark();
    const channels = norm.channels;
    const size = channels / heads;
    const all = this.rows(count, 3 * channels);
    const work = this.floats((2 * size + count + 4) * (count + 16));
    this.normalize(norm, x, count, other);
    this.multiply(other, count, qkv, all);
    this.kernel.attend(all, count, heads, size, Math.fround(1 / Math.sqrt(size)), falls, work, other);
    this.kernel.multiply(other, count, channels, out.at, x, channels, true);
    this.rewind(mark);
  }

  /** GELU in its exact form of a multiple of four floats, in place. */
  exactGelu(at: number, count: number): void {
    this.kernel.exactGelu(at, count);
  }

  /** Layer norm of rows. */
  normalize(norm: Norm, from: number, count: number, to: number, style?: Float32Array): void {
    const mark = this.mark();
    const [gain, bias] = this.#adapted(norm, style);
    this.kernel.normalizeRows(from, count, norm.channels, gain, bias, to);
    this.rewind(mark);
  }

  /** Gain and bias of a norm; of one that follows a style, norm(x) · (1 + g) + b. */
  #adapted({ gain, bias, channels, affine }: Norm, style?: Float32Array): [number, number] {
    if (!affine || !style) return [gain, bias];
    const moved = this.floats(affine.columns + 8);
    this.product32(this.#rows(style), 1, affine.rows, affine, moved, affine.columns);
    const [g, b] = [this.floats(channels), this.floats(channels)];
    const moves = this.view(moved, 2 * channels);
    const [gains, biases, ownGain, ownBias] = [g, b, gain, bias].map((at) => this.view(at, channels));
    for (let i = 0; i < channels; i++) {
      gains[i] = ownGain[i] * (1 + moves[i]);
      biases[i] = ownBias[i] * (1 + moves[i]) + moves[channels + i];
    }
    return [g, b];
  }

  /** One row, with room for the rows that the kernel processes together with it. */
  #rows(row: Float32Array): number {
    const at = this.rows(1, row.length);
    this.view(at, row.length).set(row);
    return at;
  }

  /** Room for rows of activations, and for those that the kernel processes together with the last. */
  rows(count: number, size: number): number {
    return this.floats((count + this.kernel.spareRows()) * size);
  }

  activations(frames: number, channels: number): Activations {
    return { x: this.rows(frames, channels), other: this.rows(frames, channels) };
  }

  /** Rounds rows [count, size] for {@link product8}; they are replaced by the rounding error. */
  round(from: number, count: number, size: number): Rounded {
    const rows = this.take((count + this.kernel.spareRows()) * size);
    const rounded = { rows, meta: this.take(count * META_BYTES) };
    this.kernel.roundRows(from, count, size, rounded.rows, rounded.meta, true, false);
    return rounded;
  }

  /**
   * A new tensor of the product's result, held within [low, high].
   * @param terms rounded rows that belong together: the result is the sum of their products.
   */
  product8(
    terms: readonly Rounded[],
    count: number,
    { at, columns }: Matrix,
    low = -Infinity,
    high = Infinity,
  ): Float32Array {
    const mark = this.mark();
    const to = this.floats(count * columns);
    for (const [i, { rows, meta }] of terms.entries()) {
      this.kernel.product8(rows, count, meta, at, to, columns, i === 0 ? STORE : MORE, low, high);
    }
    this.rewind(mark);
    return this.view(to, count * columns).slice();
  }

  /** @param step floats from a row to the next; rows may overlap. */
  product32(rows: number, count: number, step: number, matrix: Matrix, to: number, pitch: number): void {
    this.#product32(rows, count, step, matrix, to, pitch, STORE);
  }

  /** Adds a {@link product32} to what is there. */
  addProduct32(rows: number, count: number, step: number, matrix: Matrix, to: number, pitch: number): void {
    this.#product32(rows, count, step, matrix, to, pitch, ADD);
  }

  #product32(
    rows: number,
    count: number,
    step: number,
    { weights, bias, columns, rows: size }: Matrix,
    to: number,
    pitch: number,
    mode: number,
  ): void {
    this.kernel.product32(rows, count, step, size, weights, columns, bias, to, pitch, mode);
  }

  /** Rows times a matrix of either kind. */
  multiply(rows: number, count: number, matrix: Matrix, to: number, pitch = matrix.columns): void {
    this.kernel.multiply(rows, count, matrix.rows, matrix.at, to, pitch, false);
  }
}
