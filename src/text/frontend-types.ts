import type { Work } from '../base/turns.ts';
import type { PronunciationSource } from './en/pronounce.ts';
import type { Span, Utterance } from './types.ts';
import type { UnreadableChoice } from './unreadable.ts';
import type { Warnings } from './warnings.ts';

/** Data of a model that a front end uses. */
export interface FrontEndData {
  /** `en.dictionary.bin` */
  readonly dictionary: Uint8Array;
  /** `en.fallback.bin`; without it unknown words are spelled. */
  readonly fallback?: Uint8Array;
  /** `en-GB.dictionary.bin`: what British English reads otherwise. Without it `en-GB` is read as American English. */
  readonly british?: Uint8Array;
  /** The model's phoneme table. With the Korean symbols in it, Korean is read too. */
  readonly phonemes: readonly string[];
  /** The model's languages, BCP 47. Default `en`, and `ko` where the table has its symbols. */
  readonly languages?: readonly string[];
}

/** Options of {@link FrontEnd.analyze}. */
export interface AnalyzeOptions {
  /** BCP 47 tag of the text as a whole. Parts in another script are read in their own language. Default `en`. */
  readonly language?: string;
  /** Language of a voice that markup names: an English one reads text that names no language with its accent. */
  readonly voiceLanguage?: (voice: string) => string | undefined;
  /** Handling of text in scripts that are not read. Default `error`. */
  readonly unreadable?: UnreadableChoice;
  /** Word or phrase, any case, to IPA; in Korean text also to Hangul, spelled as it is said. */
  readonly pronunciations?: Readonly<Record<string, string>>;
  /** Maximum symbols of an utterance, including `^` and `$`. Longer sentences are cut. */
  readonly maxPhonemes?: number;
  /** Mean pitch of the voice in Hz, which SSML's changes in Hz count from. Default 160. */
  readonly meanPitch?: number;
  /** Collects warnings; without it they are dropped. It must be created for the same input. */
  readonly warnings?: Warnings;
  /** Called for every spoken word, in order. For tools and `/v1/audio/phonemes`. */
  readonly onToken?: (token: ReadToken) => void;
  /** Called for every word with the source of its pronunciation and its symbols. For tools. */
  readonly onWord?: (
    word: string,
    from: PronunciationSource | 'heteronym' | 'override',
    symbols: readonly string[],
  ) => void;
}

/** Source of the phonemes of a word: {@link PronunciationSource}, the context of a heteronym, an override, IPA in the text, or a letter's name. */
export type ReadingSource = PronunciationSource | 'heteronym' | 'override' | 'ipa' | 'letter';

/** A spoken word and the source of its pronunciation. */
export interface ReadToken {
  /** The spoken word in lower case, or the text of an override. */
  readonly text: string;
  /** The text that it speaks, as written. */
  readonly source: string;
  /** Span of `source` in the original input. */
  readonly span: Span;
  /** Name of the rule of normalization that read it. */
  readonly rule: string;
  readonly from: ReadingSource;
  /** Symbols of each word; more than one word only for an override. */
  readonly words: readonly (readonly string[])[];
  /** The pause mark that follows. */
  readonly pause?: string;
  /** `|` where a new accentual phrase of Korean follows without a pause. */
  readonly boundary?: string;
  /** Number of its sentence, from 0. */
  readonly sentence: number;
  /** BCP 47 tag of the language that reads it: what markup names, or the model's for Korean in English text and the reverse; else the text's. */
  readonly language: string;
}

/** Text in, utterances of phonemes out. */
export interface FrontEnd {
  /**
   * @param input any string; SSML if it begins with `<speak` (see {@link isSsml}), else plain text.
   * @returns one utterance for each sentence, more for a long one or one in several voices; at least one.
   * @throws {SoriError} `nothing_to_speak` when the text holds no word; `invalid_pronunciation` for IPA that can't be read;
   *   `invalid_ssml` for SSML that can't be spoken; `unreadable_text` for text in a script that is not read, unless it is to be skipped.
   */
  analyze(input: string, options?: AnalyzeOptions): Utterance[];
  /** {@link analyze}, sentence by sentence. */
  analysis(input: string, options?: AnalyzeOptions): Work<Utterance[]>;
}
