import type { ModelInfo } from '../../../engine/engine.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { ownModelName, resolveModelName } from './openai-names.ts';

/**
 * Describes a model by any of its names. An edge looks up a name that it does not have at its origins.
 * @param name default: the first model.
 * @throws {SoriError} `unknown_model`, `model_unavailable`; `origin_unavailable`, `origin_failed` for a name that only an origin may know.
 */
export async function modelNamed(
  { engine, placement }: Pick<SpeechDependencies, 'engine' | 'placement'>,
  name: string = engine.names[0],
  signal?: AbortSignal,
): Promise<ModelInfo> {
  const elsewhere = placement?.cloning !== undefined && ownModelName(engine.names, name) === undefined;
  return await engine.model(elsewhere ? name : resolveModelName(engine.names, name), signal);
}
