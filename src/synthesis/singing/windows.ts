import type { Tensor, Tensors } from '../../inference/backend.ts';
import type { StageName } from '../../shards/stages.ts';
import { StagePieces } from '../stage-pieces.ts';
import type { StageRunner } from '../stages.ts';
import { copyFrames } from '../tensors.ts';

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
  const total = Object.values(timed)[0].dims[1];
  const joined: Record<string, Tensor> = {};
  const pieces = new StagePieces({
    ...{ stages, stage, total, reach: context, context, whole, signal },
    inputs: (from, to) => copyFrames(timed, from, to),
  });
  while (pieces.done < total) {
    const { start, outputs, free } = await pieces.next(Math.min(total, pieces.done + size));
    for (const [name, tensor] of Object.entries(outputs)) {
      joined[name] ??= empty(tensor, total);
      (joined[name].data as Float32Array).set(tensor.data as Float32Array, start * widthOf(tensor));
    }
    free();
  }
  return joined;
}

function widthOf({ dims }: Tensor): number {
  return dims.slice(2).reduce((all, size) => all * size, 1);
}

function empty(like: Tensor, frames: number): Tensor {
  return {
    type: 'float32',
    data: new Float32Array(frames * widthOf(like)),
    dims: [1, frames, ...like.dims.slice(2)],
  };
}
