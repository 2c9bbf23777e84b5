import { inTurns } from '../base/turns.ts';
import { withDelivery } from '../synthesis/reference/delivery.ts';
import { analysisWork, withStatistics } from '../synthesis/reference/reference.ts';
import type { Reference } from './engine.ts';
import type { OpenModel } from './model-host.ts';

/**
 * Makes a style vector from a recording: checks it, runs the style encoder, and replaces the dimensions that can be measured by their
 * measured values. The style has the pace of the model's first voice. The encoder is loaded only for this call.
 * @returns raw [S].
 * @throws {SoriError} `unusable_reference`, `model_unavailable`; the signal's reason.
 */
export async function encodeStyle(
  model: OpenModel,
  reference: Reference,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { mel, statistics } = await inTurns(analysisWork(reference), signal);
  const { style } = await model.runner.run('style_encoder', { mel }, signal);
  const { style: space, voices } = model.manifest;
  const measured = withStatistics(style.data as Float32Array, statistics, space.statistics);
  return withDelivery(measured, voices[0].style, space.statistics);
}
