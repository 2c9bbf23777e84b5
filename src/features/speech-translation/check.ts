import type { SpeechTranslationDependencies } from './dependencies.ts';
import type { JobTranslation } from './schema.ts';
import { textsHere } from './texts.ts';
import { requirePool } from './texts-for.ts';
import { addressText } from './translate.ts';

/**
 * Checks that this server can do a translation, before its recording is read.
 * @throws {SoriError} `model_unavailable` without a recognizer, a translation model or an origin; `unknown_model`, `unknown_voice`,
 *   `voice_not_found`, `unsupported_language`.
 */
export async function checkTranslation(
  deps: SpeechTranslationDependencies,
  { request }: JobTranslation,
  signal: AbortSignal,
): Promise<void> {
  if (deps.placement === undefined) await textsHere(deps, request);
  else requirePool(deps);
  await addressText(deps, request, 'x', signal);
}
