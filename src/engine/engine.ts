/** A voice that a model offers. */
export interface Voice {
  readonly id: string;
  readonly name: string;
  readonly sex: 'female' | 'male' | 'neutral';
  /** BCP 47. */
  readonly language: string;
  readonly description: string;
}

/** A model that an engine offers. */
export interface ModelInfo {
  readonly id: string;
  readonly version: string;
  /** Seconds since the epoch, as OpenAI's `created`. */
  readonly created: number;
  readonly languages: readonly string[];
  readonly voices: readonly Voice[];
}

/** One phrase to speak; everything validated as far as that goes without the model. */
export interface SpeechRequest {
  readonly model: string;
  /** Voice id. */
  readonly voice: string;
  readonly input: string;
  /** BCP 47 primary language, `en`. */
  readonly language: string;
  /** 0.25 to 4; 1 is the voice's own rate. */
  readonly speed: number;
  /** Any 32-bit unsigned integer; the same request with the same seed gives the same samples. */
  readonly seed: number;
  /** Steps of the mel refiner; 0 = off. `undefined` = the model's default. */
  readonly refineSteps: number | undefined;
  /** Word (any case) to IPA. */
  readonly pronunciations: Readonly<Record<string, string>>;
}

/** Milliseconds by stage (`text`, `load`, `text_encoder`, …, `vocoder`), for `Server-Timing`. */
export type Timings = Record<string, number>;

/** Speech under way. Durations are known before the waveform, so its length is too. */
export interface Speech {
  /** Samples at 24 kHz that `chunks` yields in all. */
  readonly totalSamples: number;
  /** Filled in as stages end. */
  readonly timings: Timings;
  /**
   * The waveform, mono, 24 kHz, in [-1, 1], chunk by chunk as the vocoder makes it; to be read once.
   * Ends with the signal's reason when the request's signal aborts.
   */
  readonly chunks: AsyncIterable<Float32Array>;
}

/** Is a model loaded and right? */
export interface Readiness {
  readonly model: string;
  readonly ready: boolean;
  /** Backend's name, once one runs. */
  readonly backend?: string;
  /** Stable code and text of what keeps it from being ready. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** Speaks. Drivers: `local` (this process), later `remote` (origin) and `dispatch`. */
export interface SpeechEngine {
  /** Names of the models offered, whether or not they can be read now; the first is the default. */
  readonly names: readonly string[];
  /**
   * Describes a model from its manifest; no weights are loaded.
   * @throws {SoriError} `unknown_model`, `model_unavailable`.
   */
  model(name: string, signal?: AbortSignal): Promise<ModelInfo>;
  /**
   * Describes the models that can be read now.
   * @throws {SoriError} `model_unavailable` when none can.
   */
  models(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  /**
   * Plans a phrase (text, durations) and returns as soon as its length is known; the waveform is made as it is read.
   * @throws {SoriError} `unknown_model`, `unknown_voice`, `unsupported_language`, `nothing_to_speak`, `invalid_pronunciation`, `model_unavailable`.
   */
  speak(request: SpeechRequest, signal?: AbortSignal): Promise<Speech>;
  /** Loads each model and speaks a known phrase, once; later calls answer from memory. Never throws. */
  readiness(signal?: AbortSignal): Promise<readonly Readiness[]>;
}
