import type { Tensor } from '../inference/backend.ts';
import type { Manifest } from '../shards/manifest.ts';
import { allocateFrames } from './acoustic/durations.ts';
import { expandFrames } from './acoustic/frames.ts';
import { scalePitchRange } from './acoustic/pitch.ts';
import { refineMel } from './acoustic/refine.ts';
import { createRandom, deriveSeed } from './random.ts';
import type { StageRunner } from './stages.ts';
import type { VoiceStyle } from './style/voice.ts';
import { isPauseSymbol } from './text/symbols.ts';
import type { Utterance } from './text/types.ts';
import { vocode } from './vocoder/vocoder.ts';

/** How a phrase is to be spoken. */
export interface SynthesisOptions {
  readonly voice: VoiceStyle;
  /** Index in the manifest's `languages`. */
  readonly language: number;
  /** 0.25 to 4. */
  readonly speed: number;
  /** 32-bit seed of all noise. */
  readonly seed: number;
  /** Steps of the mel refiner; 0 = off. */
  readonly refineSteps: number;
  readonly signal?: AbortSignal;
}

/** An utterance whose timing is decided. */
export interface TimedUtterance {
  readonly utterance: Utterance;
  /** Hidden vectors of the text encoder [1, P, D]. */
  readonly hidden: Tensor;
  /** Frames per phoneme [P]. */
  readonly durations: Int32Array;
  readonly frames: number;
}

/** A phrase after the text encoder: its exact length is known, nothing of its waveform is. */
export interface SpeechPlan {
  readonly utterances: readonly TimedUtterance[];
  readonly totalSamples: number;
}

/** The synthesis pipeline of one model: phonemes in, waveform out. Knows nothing of HTTP, storage or platforms. */
export class Synthesizer {
  readonly #manifest: Manifest;
  readonly #stages: StageRunner;
  readonly #ids: ReadonlyMap<string, number>;

  constructor(manifest: Manifest, stages: StageRunner) {
    this.#manifest = manifest;
    this.#stages = stages;
    this.#ids = new Map(manifest.phonemes.map((symbol, id) => [symbol, id]));
  }

  /**
   * Runs the text encoder and decides every duration.
   * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
   */
  async plan(utterances: readonly Utterance[], options: SynthesisOptions): Promise<SpeechPlan> {
    const timed: TimedUtterance[] = [];
    for (const utterance of utterances) timed.push(await this.#time(utterance, options));
    const frames = timed.reduce((sum, part) => sum + part.frames, 0);
    return { utterances: timed, totalSamples: frames * this.#manifest.hop };
  }

  /** The waveform of a plan: mono samples at the model's rate in [-1, 1] or a little beyond; `totalSamples` in all. */
  async *render(plan: SpeechPlan, options: SynthesisOptions): AsyncGenerator<Float32Array> {
    for (const [index, part] of plan.utterances.entries()) {
      yield* this.#render(part, options, deriveSeed(options.seed, index));
    }
  }

  async #time(utterance: Utterance, options: SynthesisOptions): Promise<TimedUtterance> {
    const ids = BigInt64Array.from(utterance.phonemes, ({ symbol }) => BigInt(this.#id(symbol)));
    const { hidden, log_durations } = await this.#stages.run(
      'text_encoder',
      {
        phonemes: { type: 'int64', data: ids, dims: [1, ids.length] },
        language: { type: 'int64', data: BigInt64Array.of(BigInt(options.language)), dims: [1] },
        style: styleTensor(options),
      },
      options.signal,
    );
    const pauses = utterance.phonemes.map(({ symbol }) => isPauseSymbol(symbol));
    const durations = allocateFrames(log_durations.data as Float32Array, pauses, options.speed);
    return { utterance, hidden, durations, frames: durations.reduce((sum, frames) => sum + frames, 0) };
  }

  async *#render(
    part: TimedUtterance,
    options: SynthesisOptions,
    seed: number,
  ): AsyncGenerator<Float32Array> {
    const { fft, hop, mels, sampleRate, vocoder } = this.#manifest;
    const { signal, voice } = options;
    const style = styleTensor(options);
    const frames = expandFrames(part.hidden, part.durations);
    const prosody = await this.#stages.run('prosody', { frames, style }, signal);
    const voicing = prosody.voicing.data as Float32Array;
    const f0 = scalePitchRange(prosody.f0.data as Float32Array, voicing, voice.pitchRange);
    const { mel: coarse } = await this.#stages.run(
      'mel_decoder',
      {
        frames,
        f0: { type: 'float32', data: f0, dims: [1, part.frames] },
        voicing: prosody.voicing,
        energy: prosody.energy,
        style,
      },
      signal,
    );
    const mel = await refineMel(this.#stages, coarse, style, {
      steps: options.refineSteps,
      model: this.#manifest,
      random: createRandom(seed),
      signal,
    });
    yield* vocode(
      this.#stages,
      { mel, f0, voicing },
      { shape: { sampleRate, hop, fft, bands: mels }, contextFrames: vocoder.contextFrames, seed, signal },
    );
  }

  #id(symbol: string): number {
    const id = this.#ids.get(symbol);
    if (id === undefined)
      throw new RangeError(`The model '${this.#manifest.name}' has no phoneme '${symbol}'.`);
    return id;
  }
}

function styleTensor({ voice }: SynthesisOptions): Tensor {
  return { type: 'float32', data: voice.style, dims: [1, voice.style.length] };
}
