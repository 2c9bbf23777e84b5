import type { Tensor, Tensors } from '../../inference/backend.ts';
import type { StageName } from '../../shards/stages.ts';
import type { StageRunner } from '../stages.ts';

/** How the frames of a stage are divided. */
export interface Windows {
  /** Frames of one run, the context left out. */
  readonly size: number;
  /** Additional frames on each side of a run: at least the network's receptive field, so that there is no audible cut. */
  readonly context: number;
}

/**
 * Runs a stage over frames of any number, window by window: memory and the time of one run stay bounded however long a phrase is.
 * @param timed inputs and outputs with frames as their second axis; other inputs are given to every run.
 * @returns the outputs, joined.
 */
export async function runWindowed(
  stages: StageRunner,
  stage: StageName,
  { timed, whole }: { readonly timed: Tensors; readonly whole: Tensors },
  { size, context }: Windows,
  signal?: AbortSignal,
): Promise<Tensors> {
  const frames = Object.values(timed)[0].dims[1];
  const joined: Record<string, Tensor> = {};
  for (let start = 0; start < frames; start += size) {
    const end = Math.min(frames, start + size);
    const from = Math.max(0, start - context);
    const to = Math.min(frames, end + context);
    const inputs = Object.fromEntries(
      Object.entries(timed).map(([name, tensor]) => [name, cut(tensor, from, to)]),
    );
    const outputs = await stages.run(stage, { ...inputs, ...whole }, signal);
    for (const [name, tensor] of Object.entries(outputs)) {
      const kept = cut(tensor, start - from, end - from);
      joined[name] ??= empty(kept, frames);
      (joined[name].data as Float32Array).set(kept.data as Float32Array, start * widthOf(kept));
    }
  }
  return joined;
}

function widthOf({ dims }: Tensor): number {
  return dims.slice(2).reduce((all, size) => all * size, 1);
}

function cut(tensor: Tensor, from: number, to: number): Tensor {
  const width = widthOf(tensor);
  const data = (tensor.data as Float32Array).slice(from * width, to * width);
  return { type: 'float32', data, dims: [1, to - from, ...tensor.dims.slice(2)] };
}

function empty(like: Tensor, frames: number): Tensor {
  return {
    type: 'float32',
    data: new Float32Array(frames * widthOf(like)),
    dims: [1, frames, ...like.dims.slice(2)],
  };
}
