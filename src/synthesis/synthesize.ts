import { freeArrays } from '../base/free.ts';
import type { Manifest } from '../shards/manifest.ts';
import type { Utterance } from '../text/types.ts';
import type { Alignment } from './alignment.ts';
import { type PlannedUtterance, Planner, type SynthesisOptions } from './plan.ts';
import { renderUtterance } from './render.ts';
import type { StageRunner } from './stages.ts';
import { Timeline } from './timeline.ts';

export type { SpeechFrames } from './frames.ts';
export type { SynthesisOptions } from './plan.ts';

/** The synthesis pipeline of one model: phonemes in, waveform out. Independent of HTTP, storage and platforms. */
export class Synthesizer {
  readonly #manifest: Manifest;
  readonly #stages: StageRunner;

  constructor(manifest: Manifest, stages: StageRunner) {
    this.#manifest = manifest;
    this.#stages = stages;
  }

  /** Begins to speak; nothing is run before it is asked for. */
  begin(utterances: readonly Utterance[], options: SynthesisOptions): Narration {
    return new Narration(this.#manifest, this.#stages, utterances, options);
  }
}

/** A text being spoken. It is planned as far as was requested or synthesized. */
export class Narration {
  readonly #manifest: Manifest;
  readonly #stages: StageRunner;
  readonly #options: SynthesisOptions;
  readonly #planner: Planner;
  readonly #timeline: Timeline;
  readonly #waiting: { readonly planned: PlannedUtterance; readonly startSample: number }[] = [];

  /** @see {@link Synthesizer.begin} */
  constructor(
    manifest: Manifest,
    stages: StageRunner,
    utterances: readonly Utterance[],
    options: SynthesisOptions,
  ) {
    this.#manifest = manifest;
    this.#stages = stages;
    this.#options = options;
    this.#planner = new Planner(manifest, stages, utterances, options);
    this.#timeline = new Timeline(manifest);
  }

  /** Timing of what is planned; grows with it. */
  get alignment(): Alignment {
    return this.#timeline.alignment;
  }

  /** Samples of what is planned. */
  get samples(): number {
    return this.#timeline.samples;
  }

  /**
   * Plans the next utterance.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async planNext(): Promise<void> {
    const planned = await this.#planner.next();
    this.#waiting.push({ planned, startSample: this.samples });
    this.#timeline.add(planned);
  }

  /** Plans all that is not planned: {@link samples} is then the length of the whole. */
  async planAll(): Promise<void> {
    while (!this.#planner.done) await this.planNext();
  }

  /**
   * Plans all that is not planned, for its timing alone: what the waveform would need is freed utterance by utterance, since it takes
   * megabytes for a long text. It can't be rendered afterwards.
   */
  async planTimes(): Promise<void> {
    while (!this.#planner.done) {
      await this.planNext();
      this.free();
    }
  }

  /** Frees what is planned. It can't be rendered afterwards; its timing stays. */
  free(): void {
    const tensors = this.#waiting.flatMap(({ planned: { hidden, prosody } }) => [
      hidden,
      ...Object.values(prosody ?? {}),
    ]);
    freeArrays(...tensors.map(({ data }) => data));
    this.#waiting.length = 0;
  }

  /** The whole waveform, to be read once: mono samples at the model's rate in [-1, 1]. Plans an utterance when its turn comes. */
  async *render(): AsyncGenerator<Float32Array> {
    while (this.#waiting.length > 0 || !this.#planner.done) {
      if (this.#waiting.length === 0) await this.planNext();
      const next = this.#waiting.shift();
      if (!next) return;
      const options = { ...this.#options, startSample: next.startSample };
      yield* renderUtterance(this.#manifest, this.#stages, next.planned, options);
      this.#options.onSpoken?.(next.planned.utterance);
    }
  }
}
