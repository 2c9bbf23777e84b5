import { SoriError } from '../base/errors.ts';

/**
 * Finds a tag's place among tags: the tag itself (any case), else its primary subtag.
 * @returns -1 when there is neither.
 */
export function findLanguage(tags: readonly string[], tag: string): number {
  const lower = tags.map((known) => known.toLowerCase());
  const exact = lower.indexOf(tag.toLowerCase());
  return exact >= 0 ? exact : lower.indexOf(primarySubtag(tag));
}

/** `en` of `en-AU`. */
export function primarySubtag(tag: string): string {
  return tag.split('-')[0].toLowerCase();
}

/** Whether the tag is one of British English. */
export function isBritish(tag: string | undefined): boolean {
  return tag !== undefined && /^en-gb(?:-|$)/i.test(tag);
}

/** The refusal of a language that a model does not speak; `param` is the field that names it. */
export function unsupportedLanguage(
  { name, languages }: { readonly name: string; readonly languages: readonly string[] },
  tag: string,
  param = 'language',
): SoriError {
  const message = `Model '${name}' does not speak '${tag}'. It speaks: ${languages.join(', ')}.`;
  return new SoriError('unsupported_language', message, { param });
}
