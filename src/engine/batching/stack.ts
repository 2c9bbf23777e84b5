import type { Tensor, Tensors } from '../../inference/backend.ts';

/**
 * The padded length is a multiple of this. Runtimes compute some functions (ln in onnxruntime's CPU kernels) by another formula for the
 * remainder of a vector register. Without a remainder a value does not depend on its position in the batch.
 */
const ALIGNMENT = 16;

/** Input that marks the positions that are not padding: [B, T], 1 or 0. */
const MASK = 'mask';

/** Length along time that a row takes up in a batch. */
export function paddedLength(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Positions along time of one row's inputs. */
export function lengthOf(inputs: Tensors, timed: readonly string[]): number {
  return inputs[timed[0]].dims[1];
}

/**
 * Puts the inputs of several utterances, each [1, …], into one: [B, …].
 * @param timed inputs with time as their second axis; they are padded to the longest row by repeating their last position: a network may not
 * take a zero everywhere (the logarithm of an F0), and what is not finite would outlive its mask.
 */
export function stackRows(rows: readonly Tensors[], timed: readonly string[]): Tensors {
  const lengths = rows.map((row) => lengthOf(row, timed));
  const longest = paddedLength(Math.max(...lengths));
  const stacked: Record<string, Tensor> = {};
  for (const name of Object.keys(rows[0])) {
    const tensors = rows.map((row) => row[name]);
    stacked[name] = timed.includes(name) ? stackTimed(tensors, longest) : stackWhole(tensors);
  }
  const mask = new Float32Array(rows.length * longest);
  for (const [row, length] of lengths.entries()) mask.fill(1, row * longest, row * longest + length);
  stacked[MASK] = { type: 'float32', data: mask, dims: [rows.length, longest] };
  return stacked;
}

/**
 * Takes a batch's outputs apart: one [1, T, …] per row, without its padding.
 * @param lengths each row's own T.
 */
export function splitRows(outputs: Tensors, lengths: readonly number[]): Tensors[] {
  return lengths.map((length, row) => {
    const own: Record<string, Tensor> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      const [, padded, ...rest] = tensor.dims;
      const size = rest.reduce((product, dim) => product * dim, 1);
      const start = row * padded * size;
      const dims = [1, length, ...rest];
      own[name] =
        tensor.type === 'int64'
          ? { type: 'int64', data: tensor.data.slice(start, start + length * size), dims }
          : { type: 'float32', data: tensor.data.slice(start, start + length * size), dims };
    }
    return own;
  });
}

function stackTimed(tensors: readonly Tensor[], longest: number): Tensor {
  const [, , ...rest] = tensors[0].dims;
  const width = rest.reduce((product, dim) => product * dim, 1);
  const size = longest * width;
  const stacked = join(tensors, size, [tensors.length, longest, ...rest]);
  for (const [row, { data }] of tensors.entries()) {
    const start = row * size;
    const end = start + size;
    for (let at = start + data.length; at < end; at += width)
      stacked.data.copyWithin(at, start + data.length - width, start + data.length);
  }
  return stacked;
}

function stackWhole(tensors: readonly Tensor[]): Tensor {
  const [, ...rest] = tensors[0].dims;
  return join(tensors, tensors[0].data.length, [tensors.length, ...rest]);
}

/** @param size elements that each tensor takes up. */
function join(tensors: readonly Tensor[], size: number, dims: readonly number[]): Tensor {
  if (tensors[0].type === 'int64') {
    const data = new BigInt64Array(tensors.length * size);
    for (const [row, tensor] of tensors.entries()) data.set(tensor.data as BigInt64Array, row * size);
    return { type: 'int64', data, dims };
  }
  const data = new Float32Array(tensors.length * size);
  for (const [row, tensor] of tensors.entries()) data.set(tensor.data as Float32Array, row * size);
  return { type: 'float32', data, dims };
}
