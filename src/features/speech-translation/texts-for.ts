import { SoriError } from '../../base/errors.ts';
import type { OriginPool } from '../../placement/origin-pool.ts';
import type { AnalysisContext } from '../voices/index.ts';
import type { SpeechTranslationDependencies } from './dependencies.ts';
import type { TranslationRequest } from './schema.ts';
import { type TranslateTexts, textsHere } from './texts.ts';
import { textsAtOrigin } from './texts-at-origin.ts';

/**
 * Chooses where a recording is recognised and translated: here, or at an origin of this edge.
 * @param file the recording as it was sent.
 * @throws {SoriError} `model_unavailable` without a recognizer, a translation model or an origin; `unknown_model`.
 */
export async function textsFor(
  deps: SpeechTranslationDependencies,
  request: TranslationRequest,
  file: Blob,
  context: AnalysisContext,
): Promise<TranslateTexts> {
  if (deps.placement === undefined) return await textsHere(deps, request);
  return textsAtOrigin(requirePool(deps), file, request, context);
}

/**
 * The origins of an edge.
 * @throws {SoriError} `model_unavailable` where there are none.
 */
export function requirePool({ placement }: SpeechTranslationDependencies): OriginPool {
  if (placement?.pool) return placement.pool;
  const message =
    'Speech is translated by an origin, and this server has none: its operator can configure one (ORIGINS).';
  throw new SoriError('model_unavailable', message, { param: 'model' });
}
