import type { Tensor } from '../../inference/backend.ts';
import { SHORT_FRAMES } from '../frames.ts';
import { StagePieces } from '../stage-pieces.ts';
import type { StageRunner } from '../stages.ts';
import { copyFrames } from '../tensors.ts';

/** Frames of the first run (0.8 s): it has what the vocoder needs for its first chunk, and little more. */
const FIRST = 64;

/** Frames of the runs after it (3.2 s): one run takes a few hundredths of a second. */
const SIZE = 256;

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

/** Boundaries between runs of the mel decoder. They depend on T only. */
export function melBounds(frames: number): { start: number; end: number }[] {
  if (frames > 0 && frames <= SHORT_FRAMES) return [{ start: 0, end: frames }];
  const bounds: { start: number; end: number }[] = [];
  for (let start = 0; start < frames; ) {
    const size = start === 0 ? FIRST : SIZE;
    // A short rest is not worth a run of its own.
    const end = frames - start - size < FIRST ? frames : start + size;
    bounds.push({ start, end });
    start = end;
  }
  return bounds;
}

/**
 * The mel of one utterance, decoded piece by piece on demand, so that the audio of a long sentence starts before its end is decoded. F0,
 * voicing and energy are those of the whole utterance, and each frame is decoded with its neighbours, so that there is no audible join.
 */
export class MelPieces {
  readonly #total: number;
  readonly #pieces: StagePieces;
  readonly #bounds: readonly { readonly end: number }[];
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
    this.#bounds = melBounds(total);
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
    for (const { end } of this.#bounds) {
      if (this.#pieces.done >= frame) return;
      if (this.#pieces.done >= end) continue;
      const { start, outputs, free } = await this.#pieces.next(end);
      this.#data.set(outputs.mel.data as Float32Array, start * this.#bands);
      free();
    }
  }
}
