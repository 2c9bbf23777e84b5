import { SoriError } from '../base/errors.ts';
import { unpublished } from './describe.ts';
import type { ModelHost, OpenModel } from './model-host.ts';

/**
 * Opens a model of those that an engine offers.
 * @throws {SoriError} `unknown_model`, `model_unavailable`.
 */
export async function openOffered(
  host: ModelHost,
  models: readonly string[],
  name: string,
  signal?: AbortSignal,
): Promise<OpenModel> {
  if (!models.includes(name)) {
    const message = `Unknown model '${name}'. This service has: ${models.join(', ')}.`;
    throw new SoriError('unknown_model', message, { param: 'model' });
  }
  try {
    return await host.open(name, signal);
  } catch (cause) {
    throw unpublished(name, cause);
  }
}
