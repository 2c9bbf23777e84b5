import type { AudioMeta } from '../../library/store.ts';
import type { Warning } from '../../text/warnings.ts';
import type { AddressedSpeech } from '../speech/index.ts';
import type { PromptDependencies } from './dependencies.ts';

/** Most warnings of one answer: those of all locales together. */
const MAX_LISTED = 50;

/**
 * Warnings of stored speech. Its audio has only their codes, so that the text is read again where there are any.
 * @param param path of the field that holds the text, such as `locales.en-AU.input`.
 * @param placed whether positions count in that field. In a template they count in one of its renderings, and are left out.
 */
export async function warningsOf(
  deps: PromptDependencies,
  { ignored }: AudioMeta,
  speeches: readonly Pick<AddressedSpeech, 'request'>[],
  { param, placed }: { readonly param: string; readonly placed: boolean },
  signal: AbortSignal,
): Promise<Warning[]> {
  if (ignored === undefined) return [];
  const found: Warning[] = [];
  for (const { request } of speeches) found.push(...(await deps.engine.review(request, signal)));
  return distinctWarnings(
    found.map(({ code, message, position }) => ({
      code,
      message,
      param,
      ...(placed && position && { position }),
    })),
  );
}

/** Each code and message of a field once, and no more than an answer should hold. */
export function distinctWarnings(warnings: readonly Warning[]): Warning[] {
  const byText = new Map(warnings.map((one) => [`${one.param} ${one.code} ${one.message}`, one]));
  return [...byText.values()].slice(0, MAX_LISTED);
}
