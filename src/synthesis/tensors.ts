import type { Tensor } from '../inference/backend.ts';

/** One row of floats: a tensor [1, size]. */
export function row(data: Float32Array): Tensor {
  return { type: 'float32', data, dims: [1, data.length] };
}

/** A view of the frames [from, to) of a tensor [1, T, …]. */
export function framesFrom(tensor: Tensor, from: number, to: number): Tensor {
  const { data, dims } = tensor as Tensor & { readonly type: 'float32' };
  const width = data.length / dims[1];
  return {
    type: 'float32',
    data: data.subarray(from * width, to * width),
    dims: [1, to - from, ...dims.slice(2)],
  };
}

/** Copies of the frames [from, to) of tensors [1, T, …]. */
export function copyFrames<Names extends string>(
  tensors: Readonly<Record<Names, Tensor>>,
  from: number,
  to: number,
): Record<Names, Tensor> {
  const copies = Object.entries<Tensor>(tensors).map(([name, tensor]) => {
    const view = framesFrom(tensor, from, to);
    return [name, { ...view, data: view.data.slice() }];
  });
  return Object.fromEntries(copies);
}
