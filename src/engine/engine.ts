import type { EdgeCosts } from '../shards/manifest.ts';
import type { Alignment } from '../synthesis/alignment.ts';
import type { StyleSpace } from '../synthesis/reference/style-id.ts';
import type { ReferenceRecording } from '../synthesis/reference/types.ts';
import type { ReadToken } from '../text/frontend.ts';
import type { Warning } from '../text/warnings.ts';

/** A voice that a model offers. */
export interface Voice {
  readonly id: string;
  readonly name: string;
  readonly sex: 'female' | 'male' | 'neutral';
  /** BCP 47. */
  readonly language: string;
  readonly description: string;
  /** A sentence that shows the voice. */
  readonly sample: string;
  /** Names of older models' voices that it answers for. */
  readonly formerly?: readonly string[];
}

/** A model that an engine offers. */
export interface ModelInfo {
  readonly id: string;
  readonly version: string;
  /** Hex SHA-256 of its manifest, which changes with everything that changes the sound. */
  readonly fingerprint: string;
  /** Seconds since the epoch, as OpenAI's `created`. */
  readonly created: number;
  readonly languages: readonly string[];
  readonly voices: readonly Voice[];
  /** Emotions that a request may mix; the first is neutral. */
  readonly emotions: readonly string[];
  /** Numbers in a style vector. */
  readonly styleSize: number;
  /** Whether it has a style sampler, so that `diffusionSteps` gives other readings. */
  readonly samplesStyles?: boolean;
  /** Whether the style sampler speaks its emotions, so that an emotion needs at least one step. */
  readonly samplesEmotions?: boolean;
  /** The style space of its style ids. */
  readonly styleSpace: StyleSpace;
  /** Measured dimensions of a style vector by name: `pitch`, `rate`, … */
  readonly statistics: Readonly<Record<string, number>>;
  /** Milliseconds of its stages at the edge, if measured. */
  readonly edgeCosts?: EdgeCosts;
  /** Bytes of the graphs and weights that ordinary speech needs. */
  readonly stageBytes: number;
  /** Likeness of two styles from which they count as of one speaker, if it is not that of Sori's own models. */
  readonly voiceThreshold?: number;
  /** Set for models of other makers, which origins host. */
  readonly servedBy?: 'origin';
  /** Of a model of another maker. */
  readonly licence?: string;
}

/** A synthesis request, validated as far as that needs no model. */
export interface SpeechRequest {
  readonly model: string;
  /** Voice ids and their weights, which sum to 1; empty only when `style` is given. */
  readonly voice: Readonly<Record<string, number>>;
  /** Plain text, or SSML when it starts with `<speak`. */
  readonly input: string;
  /** Whether markup that is not supported is an error instead of a warning. Default false. */
  readonly strict?: boolean;
  /** Leave out text in scripts that the model does not read, in place of an error. */
  readonly unreadable?: 'skip';
  /** BCP 47: `en`, `en-AU`. SSML may change it by utterance. */
  readonly language: string;
  /** 0.25 to 4; 1 is the voice's own rate. */
  readonly speed: number;
  /** A 32-bit unsigned integer. The same request with the same seed gives the same samples. */
  readonly seed: number;
  /** Steps of the mel refiner; 0 = off. `undefined` = the model's default. */
  readonly refineSteps: number | undefined;
  /** Word (any case) to IPA. */
  readonly pronunciations: Readonly<Record<string, string>>;
  /** Emotions and their weights, which sum to at most 1; the rest is neutral. SSML may change it by utterance. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** Style vector [S] in place of a voice. */
  readonly style?: Float32Array;
  /** Style vectors [S] of cloned voices by id; `voice` and markup may name them. */
  readonly clones?: Readonly<Record<string, Float32Array>>;
  /**
   * How far the sampled timbre replaces the reference's, 0 to 1. For this and the next four fields, `undefined` means the model's default.
   */
  readonly alpha?: number;
  /** How far the sampled prosody replaces the reference's, 0 to 1. */
  readonly beta?: number;
  /** Steps of the style sampler; 0 uses the reference itself. */
  readonly diffusionSteps?: number;
  /** Weight of classifier-free guidance; 1 = none. */
  readonly embeddingScale?: number;
  readonly sampler?: 'ancestral' | 'deterministic';
  /** Share of the previous utterance's sampled style, 0 to 1. */
  readonly continuity?: number;
  /** Semitones, -12 to 12. */
  readonly pitch: number;
  /** Factor on the deviation of ln F0 from the utterance's mean, 0 to 3. */
  readonly pitchRange: number;
  /** dB, -24 to 12. */
  readonly energy: number;
  /** Factor on the length of pauses, 0 to 4. Breaks of a stated length keep it. */
  readonly pauses: number;
  /** Whether the length must be known before the waveform, which delays the start of long input. */
  readonly exactLength: boolean;
}

/** Milliseconds by stage (`text`, `load`, `text_encoder`, …, `vocoder`), for `Server-Timing`. */
export type Timings = Record<string, number>;

/** A synthesis under way. Durations are known before the waveform, so the length of the planned part is known as well. */
export interface Speech {
  /**
   * Samples at 24 kHz that `chunks` yields in all; `undefined` for long input (more than four utterances or 300 phonemes) that is
   * planned utterance by utterance because the request doesn't need its exact length.
   */
  readonly totalSamples: number | undefined;
  /** Whether it has more utterances than are planned at once. Depends on the text, not on `exactLength`. */
  readonly long: boolean;
  /** Updated as stages end. */
  readonly timings: Timings;
  /**
   * The waveform as chunks of mono samples at 24 kHz in [-1, 1]; can be read once. A chunk is its reader's, who may change or free it.
   * Ends with the signal's reason when the request's signal aborts.
   */
  readonly chunks: AsyncIterable<Float32Array>;
  /** Parts of the text that are not spoken as requested. */
  readonly warnings: readonly Warning[];
  /** The times of the spoken text, added when an utterance is planned, before its first chunk; complete when `chunks` ends. */
  readonly alignment: Alignment;
}

/** The result of {@link SpeechEngine.align}. */
export interface AlignedSpeech {
  readonly alignment: Alignment;
  /** Parts of the text that are not spoken as requested. */
  readonly warnings: readonly Warning[];
  /** Length of the same request's audio in samples at 24 kHz. */
  readonly totalSamples: number;
}

/** A text to read without speaking it. */
export interface ReadRequest {
  readonly model: string;
  /** Plain text, or SSML when it starts with `<speak`. */
  readonly input: string;
  /** BCP 47. */
  readonly language: string;
  /** Word (any case) to IPA. */
  readonly pronunciations: Readonly<Record<string, string>>;
  /** Fail at the first thing that would be a warning. */
  readonly strict: boolean;
}

/** Result of the text front end for a text. */
export interface ReadText {
  readonly tokens: readonly ReadToken[];
  readonly warnings: readonly Warning[];
}

/** A recording of a voice. */
export type Reference = ReferenceRecording;

/** The runtime of an engine. */
export interface InferenceInfo {
  /** Driver and execution provider: `wasm`, `native-cuda`, … */
  readonly backend: string;
  /** Preferred execution providers that cannot run, and why. */
  readonly refused?: readonly { readonly provider: string; readonly reason: string }[];
  /** Counters of batching: runs and the utterances in them. */
  readonly batches?: { readonly batches: number; readonly rows: number };
}

/** The readiness of a model. */
export interface Readiness {
  readonly model: string;
  readonly ready: boolean;
  /** Name of the backend, once it runs. */
  readonly backend?: string;
  /** Preferred execution providers that cannot run, and why. */
  readonly refused?: InferenceInfo['refused'];
  /** Code and message of the reason why it is not ready. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** The client that requests speech, for a fair share of the engine. It has no influence on the speech. */
export interface Requester {
  /** An API key or an address; those who name none share as one client. */
  readonly client?: string;
  /** Whether it has low priority, as in a job: interactive speech goes first. */
  readonly background?: boolean;
}

/** Speaks. Drivers: `local` (this process), later `remote` (origin) and `dispatch`. */
export interface SpeechEngine {
  /** Names of the configured models; the first is the default. */
  readonly names: readonly string[];
  /**
   * Name of the arithmetic. Engines of one build give the same samples for the same request. `wasm` wherever
   * it runs, `native-cpu-batched-1f3870be274f`, …
   */
  readonly build: string;
  /** The runtime, if it is in this process. */
  readonly inference?: InferenceInfo;
  /**
   * Describes a model from its manifest without loading weights.
   * @throws {SoriError} `unknown_model`, `model_unavailable`.
   */
  model(name: string, signal?: AbortSignal): Promise<ModelInfo>;
  /**
   * Describes all available models.
   * @throws {SoriError} `model_unavailable` when none can.
   */
  models(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  /**
   * Plans the speech (text, style, durations; of long input only the first utterance unless the length must be known)
   * and returns. The waveform is synthesized as it is read.
   * @throws {SoriError} `unknown_model`, `unknown_voice`, `unknown_emotion`, `invalid_value`, `conflicting_parameters`, `unsupported_language`,
   * `nothing_to_speak`, `unreadable_text`, `invalid_ssml`, `invalid_pronunciation`, `model_unavailable`.
   */
  speak(request: SpeechRequest, signal?: AbortSignal, requester?: Requester): Promise<Speech>;
  /**
   * Returns the times of each phoneme and mark of a request without a waveform; they are those of {@link speak}.
   * @throws {SoriError} as {@link speak}.
   */
  align(request: SpeechRequest, signal?: AbortSignal, requester?: Requester): Promise<AlignedSpeech>;
  /**
   * Reads a text as {@link speak} does, without synthesis. Returns every word, its phonemes and their source.
   * @throws {SoriError} `unknown_model`, `unsupported_language`, `nothing_to_speak`, `invalid_ssml`, `invalid_pronunciation`,
   *   `model_unavailable`; with `strict` the error of each warning.
   */
  read(request: ReadRequest, signal?: AbortSignal): Promise<ReadText>;
  /**
   * Reads the text of a request and returns its warnings, those of {@link speak}. Nothing is planned.
   * @throws {SoriError} as {@link speak}.
   */
  review(request: SpeechRequest, signal?: AbortSignal): Promise<readonly Warning[]>;
  /**
   * Makes a style vector from a recording.
   * @returns raw [S], for {@link SpeechRequest.style}.
   * @throws {SoriError} `unknown_model`, `model_unavailable`, `unusable_reference` (too short, silent, clipped, not speech: the message says which).
   */
  encodeStyle(model: string, reference: Reference, signal?: AbortSignal): Promise<Float32Array>;
  /** Loads each model and runs its self-test once; later calls use the result. Never throws. */
  readiness(signal?: AbortSignal): Promise<readonly Readiness[]>;
}
