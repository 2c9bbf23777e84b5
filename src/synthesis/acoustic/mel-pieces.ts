import { freeArrays } from '../../base/free.ts';
import type { Tensor, Tensors } from '../../inference/backend.ts';
import { SHORT_FRAMES } from '../frames.ts';
import type { StageRunner } from '../stages.ts';

/** Frames of the first run (0.8 s): it has what the vocoder needs for its first chunk, and little more. */
const FIRST = 64;

/** Frames of the runs after it (3.2 s): one run takes a few hundredths of a second. */
const SIZE = 256;

/** Frames to each side that a run also reads: at least the receptive field of the mel decoder, five kernels of seven frames. */
const CONTEXT = 16;

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
 * voicing and energy are those of the whole utterance, and every run includes neighbouring frames, so that there is no audible join.
 */
export class MelPieces {
  readonly #stages: StageRunner;
  readonly #input: MelInput;
  readonly #signal: AbortSignal | undefined;
  readonly #bounds: { start: number; end: number }[];
  readonly #data: Float32Array;
  readonly #bands: number;

  /** @param bands of the mel. */
  constructor(stages: StageRunner, input: MelInput, bands: number, signal?: AbortSignal) {
    const frames = input.frames.dims[1];
    this.#stages = stages;
    this.#input = input;
    this.#signal = signal;
    this.#bounds = melBounds(frames);
    this.#bands = bands;
    this.#data = new Float32Array(frames * bands);
  }

  /** [1, T, bands], of which those frames are filled in that {@link until} was asked for. */
  get mel(): Tensor {
    return { type: 'float32', data: this.#data, dims: [1, this.#input.frames.dims[1], this.#bands] };
  }

  /**
   * Decodes at least the frames before `frame`.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async until(frame: number): Promise<void> {
    while (this.#bounds.length > 0 && this.#bounds[0].start < frame) {
      const [{ start, end }] = this.#bounds;
      await this.#decode(start, end);
      this.#bounds.shift();
    }
  }

  async #decode(start: number, end: number): Promise<void> {
    const { style, ...timed } = this.#input;
    const from = Math.max(0, start - CONTEXT);
    const to = Math.min(timed.frames.dims[1], end + CONTEXT);
    const inputs = Object.fromEntries(Object.entries(timed).map(([name, all]) => [name, cut(all, from, to)]));
    const { mel } = await this.#stages.run('mel_decoder', { ...inputs, style } as Tensors, this.#signal);
    const bands = this.#bands;
    const kept = (mel.data as Float32Array).subarray((start - from) * bands, (end - from) * bands);
    this.#data.set(kept, start * bands);
    freeArrays(mel.data, ...Object.values(inputs).map(({ data }) => data));
  }
}

/** Frames of [1, T, …]. */
function cut(tensor: Tensor, from: number, to: number): Tensor {
  const width = tensor.dims.slice(2).reduce((all, size) => all * size, 1);
  const data = (tensor.data as Float32Array).slice(from * width, to * width);
  return { type: 'float32', data, dims: [1, to - from, ...tensor.dims.slice(2)] };
}
