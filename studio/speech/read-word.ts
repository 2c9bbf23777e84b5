/** A spoken word in the answer of `POST /v1/audio/phonemes`. */
export interface ReadWord {
  /** The spoken word. */
  readonly text: string;
  /** Its text, as written. */
  readonly source: string;
  /** Place of `source` in the input, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** Where its phonemes come from. */
  readonly from: string;
  readonly phonemes: string;
}

/** Markup and fields without effect. */
export interface ReadWarning {
  readonly message: string;
  readonly position?: { readonly offset: number };
}

/** How a text is read. */
export interface Reading {
  readonly words: readonly ReadWord[];
  readonly warnings: readonly ReadWarning[];
}

/** A text to read, as `POST /v1/audio/phonemes` takes it. */
export interface ReadRequest {
  readonly model: string;
  readonly input: string;
  /** BCP 47. */
  readonly language: string;
  readonly pronunciations: Readonly<Record<string, string>>;
}
