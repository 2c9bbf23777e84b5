/** Half-open range of UTF-16 code units in the *original* input, SSML markup included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Controls of a range of speech from markup, with nested elements combined. */
export interface SpeechControls {
  /** Factor of the speaking rate; 1 changes nothing, 2 is twice as fast. */
  readonly rate: number;
  /** Semitones by which the pitch moves; 0 changes nothing. */
  readonly pitch: number;
  /** Mean pitch in Hz, in place of the voice's own; `pitch` moves it further. */
  readonly pitchHz?: number;
  /** Factor of the pitch range in semitones; 1 changes nothing. */
  readonly pitchRange: number;
  /** Gain in dB; 0 changes nothing, -Infinity is silent. */
  readonly volume: number;
  /** Shifts of the pitch in semitones at places of the element, 0 its beginning, 1 its end; linear between them. In order of `at`. */
  readonly contour?: readonly ContourPoint[];
  /** Span of the element with the contour, without its tags. */
  readonly contourSpan?: Span;
}

/** One point of a pitch contour. */
export interface ContourPoint {
  /** 0 to 1 over the spoken duration of the element. */
  readonly at: number;
  readonly semitones: number;
}

/** A phoneme symbol of the model's table (see `symbols.ts`) and the stretch of the original text that it speaks. */
export interface Phoneme {
  readonly symbol: string;
  readonly span: Span;
  /** Absent without markup. Phonemes of one element share one object. */
  readonly controls?: SpeechControls;
  /** On a pause symbol: a break of exactly this many ms in place of the pause that the model would make; 0 means no pause. */
  readonly pauseMs?: number;
}

/** Output of the normalizer: one spoken word or one pause mark. `rule` names the rule that read it. */
export type SpokenToken =
  | {
      readonly kind: 'word';
      /** Lower case, letters and inner apostrophes only: `don't`, `twenty`, `sori`. */
      readonly text: string;
      readonly span: Span;
      /** As written in the original text: `US`, `us`, `Polish`; case is evidence for heteronyms and initialisms. */
      readonly source: string;
      readonly rule?: string;
    }
  /** One letter of an initialism, to be spoken by its name: `b` as "bee". */
  | { readonly kind: 'letter'; readonly text: string; readonly span: Span; readonly rule?: string }
  /** An inline override, `[Sori](/ˈsɔːɹi/)`: IPA as the user wrote it, without the slashes. */
  | {
      readonly kind: 'ipa';
      readonly ipa: string;
      readonly text: string;
      readonly span: Span;
      readonly rule?: string;
    }
  | {
      readonly kind: 'pause';
      readonly text: ',' | '.' | '?' | '!' | ';' | ':' | '—' | '…';
      readonly span: Span;
    };

/** A position in the text whose time the caller needs. */
export interface Mark {
  readonly name: string;
  /** The mark is before this phoneme: an index into the utterance's `phonemes`, or their number at the end. */
  readonly before: number;
  readonly span: Span;
}

/** One sentence (or a clause of one too long for a single pass of the acoustic model), ready for the text encoder. */
export interface Utterance {
  /** `^`, the phonemes with one word boundary or pause mark between words, `$`. Only a break before all speech comes right after `^`. */
  readonly phonemes: readonly Phoneme[];
  readonly span: Span;
  /** Index of its sentence in the input, from 0. */
  readonly sentence: number;
  /** Voice that markup names; absent: the request's. Not checked here. */
  readonly voice?: string;
  /** Emotion that markup names, with its weight 0 to 1; absent: the request's. Not checked here. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** BCP 47 tag that markup names; absent: the request's. Not checked here. */
  readonly language?: string;
  /** In order; absent when there are none. */
  readonly marks?: readonly Mark[];
}
