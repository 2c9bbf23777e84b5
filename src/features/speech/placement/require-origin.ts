import { SoriError } from '../../../base/errors.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import type { SpeechBody } from '../schema.ts';
import { namesClones } from '../voices/cloned-voices.ts';
import { ownModelName } from '../voices/openai-names.ts';

/** Well-known models that only origins host. */
const KNOWN_ELSEWHERE: ReadonlySet<string> = new Set(['kokoro']);

/**
 * Refuses speech that only an origin could make, on an edge without origins.
 * @throws {SoriError} `model_unavailable`.
 */
export function requireOrigin(
  deps: Pick<SpeechDependencies, 'engine' | 'placement'>,
  body: Pick<SpeechBody, 'model' | 'voice' | 'input'>,
): void {
  // A cloned voice belongs to a model that exists or has existed, so the name is not a typing error.
  if (KNOWN_ELSEWHERE.has(body.model.toLowerCase()) || namesClones(body as SpeechBody)) {
    requireOriginFor(deps, body.model);
  }
}

/**
 * Refuses a model that this server does not have, on an edge without origins.
 * @throws {SoriError} `model_unavailable`.
 */
export function requireOriginFor(
  { engine, placement }: Pick<SpeechDependencies, 'engine' | 'placement'>,
  model: string,
): void {
  const elsewhere = placement !== undefined && ownModelName(engine.names, model) === undefined;
  if (!elsewhere || placement.pool !== undefined) return;
  const message = `Model '${model}' runs on an origin, and this server has none: its operator can configure one (ORIGINS).`;
  throw new SoriError('model_unavailable', message, { param: 'model' });
}
