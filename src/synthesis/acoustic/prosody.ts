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

/** Receptive field of the network to each side, in frames. */
const CONTEXT = 48;
/** Frames that {@link endOf} gives at least: 2 s. No text ends with a longer silence of the networks. */
const END_FRAMES = 160;

/**
 * The end of an utterance's curves, without running the network on all of a long utterance: so the step is short.
 * @param run as for {@link predictProsody}.
 * @returns the curves of the last frames, 2 s or all, and the prosody of the whole if that is all there is.
 */
export async function endOf(
  stages: StageRunner,
  run: { readonly hidden: Tensor; readonly lengths: Int32Array; readonly style: Tensor },
  signal?: AbortSignal,
): Promise<{ readonly energy: Float32Array; readonly voicing: Float32Array; readonly whole?: Prosody }> {
  const count = END_FRAMES + CONTEXT;
  const total = run.lengths.reduce((sum, frames) => sum + frames, 0);
  const curve = ({ data }: Tensor) => data as Float32Array;
  if (total <= count) {
    const whole = await predictProsody(stages, run, signal);
    return { energy: curve(whole.energy), voicing: curve(whole.voicing), whole };
  }
  const { data, dims } = expandFrames(run.hidden, run.lengths);
  const last = (data as Float32Array).slice((total - count) * dims[2]);
  freeArrays(data);
  const frames: Tensor = { type: 'float32', data: last, dims: [1, count, dims[2]] };
  const { energy, voicing } = await stages.run('prosody', { frames, style: run.style }, signal);
  return { energy: curve(energy).subarray(CONTEXT), voicing: curve(voicing).subarray(CONTEXT) };
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
