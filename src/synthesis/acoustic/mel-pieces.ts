import type { Tensor } from '../../inference/backend.ts';
import { type Bounds, equalBounds, longBounds } from '../piece-bounds.ts';
import { StagePieces } from '../stage-pieces.ts';
import type { StageRunner } from '../stages.ts';
import { copyFrames } from '../tensors.ts';

/** Frames of the first run (0.8 s): it has what the vocoder needs for its first chunk, and little more. */
const FIRST = 64;

/** Most frames of the runs after it (1.6 s), where the runtime can go on from a run: one takes a hundredth of a second. */
const SIZE = 128;

/** The same where it can't (3.2 s), because of the frames that are then computed twice. */
const SIZE_WITH_CONTEXT = 256;

/** The receptive field of the mel decoder to each side: five kernels of seven frames. */
export const REACH = 15;

/** Inputs of the mel decoder for one utterance, without its style. */
export interface MelInput {
  /** [1, T, D + 3]. */
  readonly frames: Tensor;
  /** [1, T]. */
  readonly f0: Tensor;
  readonly voicing: Tensor;
  readonly energy: Tensor;
  /** [1, S]. */
  readonly style: Tensor;
}

/**
 * Boundaries between runs of the mel decoder. They depend on T and the runtime only.
 * @param streams whether the runtime can go on from a run.
 */
export function melBounds(frames: number, streams: boolean): Bounds[] {
  return streams ? equalBounds(frames, FIRST, SIZE) : longBounds(frames, FIRST, SIZE_WITH_CONTEXT);
}

/**
 * The mel of one utterance, decoded piece by piece on demand, so that the audio of a long sentence starts before its end is decoded. F0,
 * voicing and energy are those of the whole utterance, and each frame is decoded with its neighbours, so that there is no audible join.
 */
export class MelPieces {
  readonly #total: number;
  readonly #pieces: StagePieces;
  #bounds?: readonly Bounds[];
  readonly #data: Float32Array;
  readonly #bands: number;

  /** @param bands of the mel. */
  constructor(stages: StageRunner, { style, ...timed }: MelInput, bands: number, signal?: AbortSignal) {
    const total = timed.frames.dims[1];
    this.#total = total;
    this.#pieces = new StagePieces({
      ...{ stages, stage: 'mel_decoder', total, reach: REACH, context: REACH, whole: { style }, signal },
      inputs: (from, to) => copyFrames(timed, from, to),
    });
    this.#bands = bands;
    this.#data = new Float32Array(total * bands);
  }

  /** [1, T, bands], of which those frames are filled in that {@link until} was asked for. */
  get mel(): Tensor {
    return { type: 'float32', data: this.#data, dims: [1, this.#total, this.#bands] };
  }

  /**
   * Decodes at least the frames before `frame`.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async until(frame: number): Promise<void> {
    this.#bounds ??= melBounds(this.#total, await this.#pieces.streams());
    for (const { end } of this.#bounds) {
      if (this.#pieces.done >= frame) return;
      if (this.#pieces.done >= end) continue;
      const { start, outputs, free } = await this.#pieces.next(end);
      this.#data.set(outputs.mel.data as Float32Array, start * this.#bands);
      free();
    }
  }
}
