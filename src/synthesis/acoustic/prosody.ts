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

/** Receptive field of the prosody network to each side, in frames. */
export const PROSODY_CONTEXT = 48;
/** Frames at the end of a long utterance that {@link endOf} computes (2 s): more than the longest silence that the networks make there. */
const END_FRAMES = 160;

/** Longest utterance, in frames (5 s), that {@link endOf} computes whole: its prosody is needed anyway, and the step is still short. */
const WHOLE_FRAMES = 400;

/**
 * Predicts the energy and voicing of the end of an utterance. Of a long utterance only the end is computed, so that the step is short.
 * @param run as for {@link predictProsody}.
 * @returns energy and voicing of the last 2 s, or of all frames of a short utterance; then `whole` is its prosody.
 */
export async function endOf(
  stages: StageRunner,
  run: { readonly hidden: Tensor; readonly lengths: Int32Array; readonly style: Tensor },
  signal?: AbortSignal,
): Promise<{ readonly energy: Float32Array; readonly voicing: Float32Array; readonly whole?: Prosody }> {
  const total = run.lengths.reduce((sum, frames) => sum + frames, 0);
  const curve = ({ data }: Tensor) => data as Float32Array;
  if (total <= WHOLE_FRAMES) {
    const whole = await predictProsody(stages, run, signal);
    return { energy: curve(whole.energy), voicing: curve(whole.voicing), whole };
  }
  const { data, dims } = expandFrames(run.hidden, run.lengths);
  const count = END_FRAMES + PROSODY_CONTEXT;
  const last = (data as Float32Array).slice((total - count) * dims[2]);
  freeArrays(data);
  const frames: Tensor = { type: 'float32', data: last, dims: [1, count, dims[2]] };
  const { f0, energy, voicing } = await stages.run('prosody', { frames, style: run.style }, signal);
  freeArrays(last, f0.data);
  return {
    energy: curve(energy).subarray(PROSODY_CONTEXT),
    voicing: curve(voicing).subarray(PROSODY_CONTEXT),
  };
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
