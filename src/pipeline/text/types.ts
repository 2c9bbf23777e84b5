/** Half-open range of UTF-16 code units in the *original* input text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A phoneme symbol of the model's table (see `symbols.ts`) and the stretch of the original text that it speaks. */
export interface Phoneme {
  readonly symbol: string;
  readonly span: Span;
}

/** What the normalizer hands to the pronouncer: one spoken word, or one pause mark. */
export type SpokenToken =
  | {
      readonly kind: 'word';
      /** Lower case, letters and inner apostrophes only: `don't`, `twenty`, `sori`. */
      readonly text: string;
      readonly span: Span;
      /** As written in the original text: `US`, `us`, `Polish`; case is evidence for heteronyms and initialisms. */
      readonly source: string;
    }
  /** One letter of an initialism, to be spoken by its name: `b` as "bee". */
  | { readonly kind: 'letter'; readonly text: string; readonly span: Span }
  /** An inline override, `[Sori](/ˈsɔːɹi/)`: IPA as the user wrote it, without the slashes. */
  | { readonly kind: 'ipa'; readonly ipa: string; readonly text: string; readonly span: Span }
  | {
      readonly kind: 'pause';
      readonly text: ',' | '.' | '?' | '!' | ';' | ':' | '—' | '…';
      readonly span: Span;
    };

/** One sentence (or a clause of one too long for a single pass of the acoustic model), ready for the text encoder. */
export interface Utterance {
  /** `^`, the phonemes with one word boundary or pause mark between words, `$`. */
  readonly phonemes: readonly Phoneme[];
  readonly span: Span;
}
