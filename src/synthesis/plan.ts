import type { Tensor } from '../inference/backend.ts';
import type { Manifest } from '../shards/manifest.ts';
import { isPauseSymbol } from '../text/symbols.ts';
import type { Phoneme, Utterance } from '../text/types.ts';
import { type ContourShares, shareContours } from './acoustic/contour.ts';
import type { RequestControls } from './acoustic/controls.ts';
import { allocateFrames, type LengthWish, type SymbolLengths } from './acoustic/durations.ts';
import { fitEnding } from './acoustic/ending.ts';
import { fitHead, fitTail, type JoinPause, pauseAfter, styleStretch } from './acoustic/joins.ts';
import { endOf, type Prosody } from './acoustic/prosody.ts';
import { mayVanish } from './acoustic/silent.ts';
import type { SpeechFrames } from './frames.ts';
import { deriveSeed } from './random.ts';
import type { Speaker } from './speaker.ts';
import type { StageRunner } from './stages.ts';
import { createStyleSampler, type StyleSampler, type UtteranceStyle } from './style/style.ts';

/** Options for speaking a text. */
export interface SynthesisOptions {
  /** One per utterance. */
  readonly speakers: readonly Speaker[];
  /** The text that the utterances' spans point into. */
  readonly input: string;
  /** 0.25 to 4. */
  readonly speed: number;
  readonly controls: RequestControls;
  /** 32-bit seed of all noise. */
  readonly seed: number;
  /** Steps of the mel refiner; 0 = off. */
  readonly refineSteps: number;
  readonly signal?: AbortSignal;
  /** Called for each utterance once its waveform is made. */
  readonly onSpoken?: (utterance: Utterance) => void;
  /** Called with all network outputs of an utterance, before its waveform. For tools. */
  readonly onFrames?: (frames: SpeechFrames) => void;
}

/** An utterance whose style and timing are decided. */
export interface PlannedUtterance {
  readonly utterance: Utterance;
  readonly speaker: Speaker;
  /** Raw style vector [S]. */
  readonly style: Float32Array;
  /** dB that the emotion adds. */
  readonly level: number;
  /** Hidden vectors of the text encoder [1, P, D]. */
  readonly hidden: Tensor;
  readonly lengths: SymbolLengths;
  /** Frames per symbol [P] for the prosody network: more than those of `lengths` where the end was shortened. */
  readonly prosodyFrames: Int32Array;
  /** Of a short last utterance, whose end depends on it. */
  readonly prosody?: Prosody;
  /** Samples of silence before and after what the vocoder makes. */
  readonly lead: number;
  readonly trail: number;
  /** Whether the pause before it, or after it, is a break with a stated length. */
  readonly afterBreak: boolean;
  readonly beforeBreak: boolean;
  readonly contours: ContourShares;
  /** Fixes all of its noise. */
  readonly seed: number;
}

/** Bounds of speed times the rate of the markup: those of speed, because faster speech is not understood. */
const RATE_BOUNDS = { least: 0.25, most: 4 } as const;

/** Speed of a phoneme, including the rate of the markup. */
export function rateOf({ controls }: Phoneme, speed: number): number {
  return Math.min(RATE_BOUNDS.most, Math.max(RATE_BOUNDS.least, speed * (controls?.rate ?? 1)));
}

const PARAGRAPH_END = /\n[^\S\n]*\n|<\/p(?:aragraph)?\s*>/;

/**
 * Plans a text's utterances in their order: samples each one's style, runs the text encoder, decides all durations and the pause
 * before it. Each plan depends on those before it and on nothing after it, so it is the same whether it is made early or late.
 */
export class Planner {
  readonly #manifest: Manifest;
  readonly #stages: StageRunner;
  readonly #sampler: StyleSampler;
  readonly #utterances: readonly Utterance[];
  readonly #options: SynthesisOptions;
  readonly #contours: readonly ContourShares[];
  readonly #ids: ReadonlyMap<string, number>;
  #index = 0;
  #sampled: Float32Array | undefined;
  /** The rest of the pause after the last utterance. */
  #pause: (JoinPause & { readonly left: number }) | undefined;

  constructor(
    manifest: Manifest,
    stages: StageRunner,
    utterances: readonly Utterance[],
    options: SynthesisOptions,
  ) {
    this.#manifest = manifest;
    this.#stages = stages;
    this.#sampler = createStyleSampler(manifest, stages);
    this.#utterances = utterances;
    this.#options = options;
    this.#contours = shareContours(utterances);
    this.#ids = new Map(manifest.phonemes.map((symbol, id) => [symbol, id]));
  }

  /** Whether all utterances are planned. */
  get done(): boolean {
    return this.#index >= this.#utterances.length;
  }

  /**
   * Plans the next utterance.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async next(): Promise<PlannedUtterance> {
    const { hop } = this.#manifest;
    const index = this.#index++;
    const utterance = this.#utterances[index];
    const speaker = this.#options.speakers[index];
    const seed = deriveSeed(this.#options.seed, index);
    const ids = BigInt64Array.from(utterance.phonemes, ({ symbol }) => BigInt(this.#id(symbol)));
    const { style, level } = await this.#style(index, ids, seed);
    const { hidden, log_durations } = await this.#encode(ids, speaker.language, style);
    const lengths = allocateFrames(log_durations.data as Float32Array, this.#preferences(utterance), hop);
    const before = this.#pause;
    const lead = fitHead(lengths, utterance, before?.left, before?.exact ?? false, hop);
    const pause = this.#pauseAfter(index, style);
    const tail = fitTail(lengths, utterance, pause, this.#manifest);
    const prosodyFrames = lengths.frames.slice();
    const ending = pause || !this.done ? undefined : await this.#ending(utterance, lengths, hidden, style);
    this.#pause = pause && { ...pause, left: Math.max(0, pause.samples - tail) };
    return {
      utterance,
      speaker,
      style,
      level,
      hidden,
      lengths,
      prosodyFrames,
      prosody: ending?.prosody,
      lead,
      trail: this.done ? (this.#pause?.left ?? ending?.silence ?? 0) : 0,
      afterBreak: before?.isBreak ?? false,
      beforeBreak: pause?.isBreak ?? false,
      contours: this.#contours[index],
      seed,
    };
  }

  async #style(index: number, phonemeIds: BigInt64Array, seed: number): Promise<UtteranceStyle> {
    const { speakers, signal } = this.#options;
    const speaker = speakers[index];
    const last = speakers[index - 1];
    // Another voice or emotion must not start from this one's.
    const same = last?.voice === speaker.voice && last.style === speaker.style;
    const drawn = await this.#sampler.style({
      voice: speaker.voice,
      phonemeIds,
      previous: same ? this.#sampled : undefined,
      options: speaker.style,
      seed,
      signal,
    });
    this.#sampled = drawn.sampled;
    return drawn;
  }

  #encode(ids: BigInt64Array, language: number, style: Float32Array) {
    return this.#stages.run(
      'text_encoder',
      {
        phonemes: { type: 'int64', data: ids, dims: [1, ids.length] },
        language: { type: 'int64', data: BigInt64Array.of(BigInt(language)), dims: [1] },
        style: { type: 'float32', data: style, dims: [1, style.length] },
      },
      this.#options.signal,
    );
  }

  /**
   * Shortens the silence after the text, in `lengths`.
   * @returns samples of silence to put after it, and the prosody of the utterance if it was computed for that.
   */
  async #ending(
    utterance: Utterance,
    lengths: SymbolLengths,
    hidden: Tensor,
    style: Float32Array,
  ): Promise<{ readonly silence: number; readonly prosody?: Prosody }> {
    const { controls, signal } = this.#options;
    const row: Tensor = { type: 'float32', data: style, dims: [1, style.length] };
    const run = { hidden, lengths: lengths.frames, style: row };
    const { energy, voicing, whole } = await endOf(this.#stages, run, signal);
    const silence = fitEnding(lengths, utterance, { energy, voicing }, controls.pauses, this.#manifest);
    return { silence, prosody: whole };
  }

  #preferences({ phonemes }: Utterance): LengthWish[] {
    const { speed, controls } = this.#options;
    return phonemes.map((phoneme, p) => {
      const { symbol, pauseMs } = phoneme;
      const factor = (isPauseSymbol(symbol) ? controls.pauses : 1) / rateOf(phoneme, speed);
      // A break at the end is made together with what follows it.
      const exact = pauseMs === undefined || p === phonemes.length - 2 ? undefined : this.#samples(pauseMs);
      return { pause: mayVanish(symbol), factor, exact };
    });
  }

  #pauseAfter(index: number, style: Float32Array): JoinPause | undefined {
    const { input, speed, controls } = this.#options;
    const { sampleRate, style: space } = this.#manifest;
    const utterance = this.#utterances[index];
    const next = this.#utterances[index + 1];
    const end = utterance.phonemes[utterance.phonemes.length - 2];
    return pauseAfter(utterance, next, {
      sampleRate,
      paragraph: next !== undefined && PARAGRAPH_END.test(input.slice(utterance.span.end, next.span.start)),
      pauses: controls.pauses,
      stretch: styleStretch(style, space.statistics) / rateOf(end, speed),
    });
  }

  #samples(milliseconds: number): number {
    return (milliseconds * this.#manifest.sampleRate) / 1000;
  }

  #id(symbol: string): number {
    const id = this.#ids.get(symbol);
    if (id === undefined)
      throw new RangeError(`The model '${this.#manifest.name}' has no phoneme '${symbol}'.`);
    return id;
  }
}
