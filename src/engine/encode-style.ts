import { framesOf, logMel, MELS } from '../pipeline/reference/mel.ts';
import type { Reference } from './engine.ts';
import type { OpenModel } from './model-host.ts';

/**
 * Makes a style vector of a recording. The style encoder is loaded for it alone.
 * @returns raw [S].
 * @throws {SoriError} `model_unavailable`; the signal's reason.
 */
export async function encodeStyle(
  model: OpenModel,
  { samples }: Reference,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const mel = { type: 'float32', data: logMel(samples), dims: [1, framesOf(samples), MELS] } as const;
  const { style } = await model.runner.run('style_encoder', { mel }, signal);
  return (style.data as Float32Array).slice();
}
