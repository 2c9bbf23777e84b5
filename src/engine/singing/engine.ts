import type { Expression } from '../../synthesis/singing/expression.ts';
import type { Score } from '../../synthesis/singing/score.ts';
import type { Requester, Timings } from '../engine.ts';

/** A score to sing, validated as far as possible without the model. */
export interface SingingRequest {
  readonly model: string;
  readonly score: Score;
  /** Voice ids and their weights; empty only when `style` is given. A part may name a voice of its own. */
  readonly voice: Readonly<Record<string, number>>;
  /** Raw style vector [S] that takes the voice's place. */
  readonly style?: Float32Array;
  /** Style vectors of voices that the model does not have itself, raw [S], by id. */
  readonly clones?: Readonly<Record<string, Float32Array>>;
  /** BCP 47; a part may have its own. */
  readonly language: string;
  readonly expression: Expression;
  /** Emotions and weights; a phrase may have its own. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** Word (any case) to IPA. */
  readonly pronunciations: Readonly<Record<string, string>>;
  /** Semitones; `auto` finds the shift that brings all parts into their voices' range. */
  readonly transpose: number | 'auto';
  /** Seconds of audio before the score's first beat; `undefined`: as long as the first consonant needs. */
  readonly leadIn: number | undefined;
  /** Level of breaths in dB; `undefined`: none are made. */
  readonly breaths: number | undefined;
  /** Gain in dB on all voices. */
  readonly energy: number;
  /** Level of the click in dB; `undefined`: there is none. */
  readonly click: number | undefined;
  /** Sound to mix in, mono at the model's rate, which begins with the score; its gain is applied. */
  readonly accompaniment?: Float32Array;
  readonly seed: number;
}

/** A syllable and when it sounds. */
export interface TimedSyllable {
  /** Number of its part. */
  readonly part: number;
  /** The lyric of its note. */
  readonly text: string;
  /** The symbols that are sung: consonants, vowel, consonants; of several syllables on one note, those of all. */
  readonly phonemes: readonly string[];
  /** Whether it is the first, and the last, syllable of a word. */
  readonly begins: boolean;
  readonly ends: boolean;
  /** Sample at which its first consonant begins. */
  readonly startSample: number;
  /** Sample at which its vowel begins: the note's beat. */
  readonly vowelSample: number;
  readonly endSample: number;
  /** Number of its line; a line is sung in one breath. */
  readonly line: number;
}

/** A note and when it sounds. */
export interface TimedNote {
  readonly part: number;
  /** Number of the note in its part. */
  readonly note: number;
  /** MIDI note number, transposed. */
  readonly pitch: number;
  readonly startSample: number;
  readonly endSample: number;
  readonly text?: string;
}

/** Singing under way. */
export interface Singing extends AlignedSinging {
  /** The waveform, mono, 24 kHz, in [-1, 1]; to be read once. Ends with the signal's reason when the signal aborts. */
  readonly chunks: AsyncIterable<Float32Array>;
  readonly timings: Timings;
}

/** When what is sung. */
export interface AlignedSinging {
  /** Samples at 24 kHz of the whole. */
  readonly totalSamples: number;
  /** Filled in as phrases are planned, complete when `chunks` ends. In the order sung, part by part. */
  readonly syllables: readonly TimedSyllable[];
  /** All notes, from the beginning. */
  readonly notes: readonly TimedNote[];
  /** Seconds of audio before the score's first beat. */
  readonly leadIn: number;
  /** Semitones by which the score was transposed. */
  readonly transposed: number;
  /** Ignored parts of the score, and notes outside a voice's comfortable range. */
  readonly notices: readonly string[];
}

/** Sings. */
export interface SingingEngine {
  /**
   * Checks a score against the model and its voices, reads the lyrics and returns; the waveform is made as it is read.
   * @throws {SoriError} `unknown_model`, `unknown_voice`, `unknown_emotion`, `unsupported_language`, `out_of_range`, `invalid_lyrics`,
   * `invalid_pronunciation`, `model_unavailable`, `overloaded`.
   */
  sing(request: SingingRequest, signal?: AbortSignal, requester?: Requester): Promise<Singing>;
  /**
   * Computes the times of each note and syllable of a request, without making a waveform. They are those of {@link sing}.
   * @throws {SoriError} as {@link sing}.
   */
  align(request: SingingRequest, signal?: AbortSignal, requester?: Requester): Promise<AlignedSinging>;
}
