import { freeArrays } from '../../base/free.ts';
import type { Tensor } from '../../inference/backend.ts';
import type { StageRunner } from '../stages.ts';
import { expandFrames } from './frames.ts';

/** Inputs and outputs of the prosody network for an utterance. */
export interface Prosody {
  /** [1, T, D] of {@link expandFrames}. */
  readonly frames: Tensor;
  /** [1, T] each: Hz, probability of voicing, normalised log energy. */
  readonly f0: Tensor;
  readonly voicing: Tensor;
  readonly energy: Tensor;
}

/**
 * Runs the prosody network.
 * @param hidden [1, P, D] of the text encoder.
 * @param lengths frames per symbol [P].
 * @param style [1, S].
 * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
 */
export async function predictProsody(
  stages: StageRunner,
  {
    hidden,
    lengths,
    style,
  }: { readonly hidden: Tensor; readonly lengths: Int32Array; readonly style: Tensor },
  signal?: AbortSignal,
): Promise<Prosody> {
  const frames = expandFrames(hidden, lengths);
  const { f0, voicing, energy } = await stages.run('prosody', { frames, style }, signal);
  return { frames, f0, voicing, energy };
}

/** The first frames of a prosody. The rest is freed. */
export function firstFrames(prosody: Prosody, count: number): Prosody {
  const { frames, f0, voicing, energy } = prosody;
  if (f0.dims[1] === count) return prosody;
  const cut = ({ data, dims }: Tensor): Tensor => {
    const kept = (data as Float32Array).slice(0, count * (dims[2] ?? 1));
    freeArrays(data);
    return { type: 'float32', data: kept, dims: [1, count, ...dims.slice(2)] };
  };
  return { frames: cut(frames), f0: cut(f0), voicing: cut(voicing), energy: cut(energy) };
}
