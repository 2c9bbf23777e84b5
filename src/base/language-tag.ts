/** Longest language tag in characters. RFC 5646, section 4.4.1, requires at least 35. */
export const MAX_LANGUAGE_TAG = 64;

/**
 * Brings a BCP 47 language tag to its canonical case.
 * @returns `undefined` for text that is no well-formed tag (RFC 5646, section 2.2.9) or longer than {@link MAX_LANGUAGE_TAG}.
 *
 * @example
 * ```ts
 * canonicalLanguageTag('EN-au'); // 'en-AU'
 * canonicalLanguageTag('en-../../x'); // undefined
 * ```
 */
export function canonicalLanguageTag(text: string): string | undefined {
  if (text.length > MAX_LANGUAGE_TAG) return undefined;
  try {
    return Intl.getCanonicalLocales(text)[0];
  } catch {
    return undefined;
  }
}

/** Whether text is a well-formed BCP 47 language tag, in any case, of at most {@link MAX_LANGUAGE_TAG} characters. */
export function isLanguageTag(text: string): boolean {
  return canonicalLanguageTag(text) !== undefined;
}
