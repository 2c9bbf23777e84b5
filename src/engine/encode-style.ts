import { analyseReference, withStatistics } from '../pipeline/reference/reference.ts';
import type { Reference } from './engine.ts';
import type { OpenModel } from './model-host.ts';

/**
 * Makes a style vector of a recording: checks it, lets the style encoder hear it, and puts what can be measured in place of what
 * the encoder says of it. The encoder is loaded for it alone.
 * @returns raw [S].
 * @throws {SoriError} `unusable_reference`, `model_unavailable`; the signal's reason.
 */
export async function encodeStyle(
  model: OpenModel,
  reference: Reference,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { mel, statistics } = analyseReference(reference);
  const { style } = await model.runner.run('style_encoder', { mel }, signal);
  return withStatistics(style.data as Float32Array, statistics, model.manifest.style.statistics);
}
