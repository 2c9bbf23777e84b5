import { freeArrays } from '../base/free.ts';
import type { Tensor, Tensors } from '../inference/backend.ts';
import type { StageName } from '../shards/stages.ts';
import type { StageRunner } from './stages.ts';
import { framesFrom } from './tensors.ts';

/** How a stage reads a sequence. */
export interface PiecesOptions {
  readonly stages: StageRunner;
  readonly stage: StageName;
  /** Frames of the sequence. */
  readonly total: number;
  /** Frames after a frame that its result depends on, at least. */
  readonly reach: number;
  /** Frames to each side that are computed twice where the runtime can't go on from a piece. */
  readonly context: number;
  /** The stage's inputs with a time axis, of the frames [from, to). The tensors are freed after the run. */
  inputs(from: number, to: number): Tensors | Promise<Tensors>;
  /** Inputs that are the same for all frames. */
  readonly whole?: Tensors;
  readonly signal?: AbortSignal;
}

/** Results of a stage for the frames [start, end). */
export interface StagePiece {
  readonly start: number;
  readonly end: number;
  /** Outputs [1, end - start, …]. */
  readonly outputs: Tensors;
  /** Frees the outputs. */
  free(): void;
}

/**
 * Runs a stage over a sequence piece by piece. Where the runtime can go on from a piece (`GraphSession.streams`), every frame is computed once and
 * the result is that of one run. Otherwise each piece also computes some frames to its sides.
 */
export class StagePieces {
  readonly #options: PiecesOptions;
  #start = 0;
  /** Frames that a streaming stage has been given. */
  #given = 0;
  #state: Tensor = { type: 'float32', data: new Float32Array(), dims: [1, 0] };

  constructor(options: PiecesOptions) {
    this.#options = options;
  }

  /** Frames that are done. */
  get done(): number {
    return this.#start;
  }

  /**
   * Whether the runtime can go on from a piece.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async streams(): Promise<boolean> {
    const { stages, stage, signal } = this.#options;
    return (await stages.streams?.(stage, signal)) ?? false;
  }

  /**
   * Runs the next piece, up to the frame `end`, or further if the frames that it needs after `end` are the last ones.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async next(end: number): Promise<StagePiece> {
    const { total, reach } = this.#options;
    const start = this.#start;
    const streams = (end < total || start > 0) && (await this.streams());
    if (!streams) return this.#withContext(start, end);
    const to = Math.min(total, end + reach);
    const last = to === total;
    const { state, ...outputs } = await this.#run(this.#given, to, {
      state: this.#state,
      last: { type: 'int64', data: BigInt64Array.of(last ? 1n : 0n), dims: [1] },
    });
    freeArrays(this.#state.data);
    if (state) this.#state = state;
    this.#given = to;
    this.#start += framesOf(outputs);
    return { start, end: this.#start, outputs, free: () => freeTensors(outputs) };
  }

  async #withContext(start: number, end: number): Promise<StagePiece> {
    const { total, context } = this.#options;
    const from = Math.max(0, start - context);
    const made = await this.#run(from, Math.min(total, end + context), {});
    const outputs = Object.fromEntries(
      Object.entries(made).map(([name, tensor]) => [name, framesFrom(tensor, start - from, end - from)]),
    );
    this.#start = end;
    return { start, end, outputs, free: () => freeTensors(made) };
  }

  async #run(from: number, to: number, more: Tensors): Promise<Tensors> {
    const { stages, stage, inputs, whole, signal } = this.#options;
    const timed = await inputs(from, to);
    const made = await stages.run(stage, { ...timed, ...whole, ...more }, signal);
    freeTensors(timed);
    return made;
  }
}

function freeTensors(tensors: Tensors): void {
  freeArrays(...Object.values(tensors).map(({ data }) => data));
}

const framesOf = (outputs: Tensors): number => Object.values(outputs)[0].dims[1];
