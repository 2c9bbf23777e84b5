import { concatFloats } from '../../base/bytes.ts';
import { freeArrays } from '../../base/free.ts';
import { InferenceError, type Tensor, type Tensors } from '../backend.ts';
import { type Block, type Network, REACH } from './network.ts';

/** Rows that a block keeps of a piece for the next one: those around its next row that its convolution reads. */
const KEPT = 2 * REACH;

/** A piece of a sequence that a network is given in pieces that follow each other. */
export interface Piece {
  /** What the run of the piece before left; empty for the first piece. */
  readonly state: Float32Array;
  /** Whether the sequence ends with it. */
  readonly last: boolean;
}

/** A whole sequence. */
const WHOLE: Piece = { state: new Float32Array(), last: true };

/** The piece that a run is given by its inputs `state` and `last`; without them, the whole sequence. */
export function pieceOf({ state, last }: Tensors): Piece {
  if (!state) return WHOLE;
  return { state: state.data as Float32Array, last: last.data[0] === 1n };
}

/** The output `state` of a run: parts that {@link partsOf} gives back. They are freed. */
export function stateOf(...parts: readonly Float32Array[]): Tensor {
  const data = concatFloats(parts);
  freeArrays(...parts);
  return { type: 'float32', data, dims: [1, data.length] };
}

/**
 * The parts of a state by their sizes; empty for the first piece.
 * @throws {InferenceError} when it is of another network.
 */
export function partsOf({ state }: Piece, sizes: readonly number[]): Float32Array[] {
  if (state.length === 0) return sizes.map(() => state);
  const length = sizes.reduce((sum, size) => sum + size, 0);
  if (state.length !== length) throw new InferenceError(`"state" has ${state.length} values, not ${length}`);
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return state.subarray(at - size, at);
  });
}

/** Values of the state of blocks. */
export const blockStateSize = (blocks: readonly Block[], channels: number): number =>
  blocks.length * KEPT * channels;

/** Rows for blocks, with room before them for rows that are kept, and behind them for the last piece's. */
export interface PieceRows {
  /** Address of the first new row. */
  readonly x: number;
  readonly other: number;
}

/** Room for `count` new rows in {@link runPiece}. */
export function pieceRows(
  network: Network,
  count: number,
  blocks: readonly Block[],
  channels: number,
): PieceRows {
  const room = () => network.rows(KEPT + count + REACH * blocks.length, channels) + 4 * KEPT * channels;
  return { x: room(), other: room() };
}

/**
 * Runs blocks over the next rows of a sequence. The result is that of one run over all rows, and no row is computed twice: a piece that is not
 * the last ends {@link REACH} rows earlier after each block, and the next piece goes on there.
 * @param rows f32 [count, channels] in `x`; overwritten.
 * @param state of {@link blockStateSize}; empty for the first piece, and what is returned for the next.
 * @param style input of the adaptive norms.
 * @returns the result's rows in `x`, how many they are, and the state for the next piece.
 * @throws {InferenceError} when the first of several pieces is too short.
 */
export function runPiece(
  network: Network,
  blocks: readonly Block[],
  { x, other }: PieceRows,
  { count, channels }: { readonly count: number; readonly channels: number },
  { state, last }: Piece,
  style?: Float32Array,
): PieceRows & { readonly count: number; readonly state: Float32Array } {
  const row = 4 * channels;
  const size = KEPT * channels;
  const before = state.length > 0 ? KEPT : 0;
  const kept = new Float32Array(last ? 0 : blocks.length * size);
  const first = before > 0 ? REACH : 0;
  for (const [index, block] of blocks.entries()) {
    if (before + count < KEPT && !last) throw new InferenceError('The first piece has too few frames');
    const from = x - before * row;
    const all = before + count;
    if (before > 0) network.view(from, size).set(state.subarray(index * size, (index + 1) * size));
    if (!last) kept.set(network.view(x + (count - KEPT) * row, size), index * size);
    const end = last ? all : all - REACH;
    network.runBlock(block, from, other - first * row, { frames: all, first, end, channels }, style);
    count = end - first;
    [x, other] = [other, x];
  }
  return { x, other, count, state: kept };
}
