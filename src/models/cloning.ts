import { z } from 'zod';
import { describeIssue, ModelFault, type ModelManifest } from './manifest.ts';

/** The `settings` that every model of the task `speech-cloning` has. */
export const cloningSettings = z.object({
  /** Numbers in a speaker's embedding. */
  embeddingSize: z.number().int().min(1).max(4096),
  /** Cosine of two embeddings from which their recordings count as of one speaker. */
  threshold: z.number().gt(0).lt(1),
});

/**
 * The cloning settings of a manifest.
 * @throws {ModelFault} which names the first setting at fault.
 */
export function cloningSettingsOf({ settings }: ModelManifest): z.infer<typeof cloningSettings> {
  const { data, error } = cloningSettings.safeParse(settings);
  if (data) return data;
  throw new ModelFault(`model.json: settings.${describeIssue(error)}`);
}

/**
 * Scales an embedding to length 1.
 * @throws {ModelFault} when all of its values are 0, or one is not finite.
 */
export function unitEmbedding(embedding: ArrayLike<number>): Float32Array {
  const values = Float32Array.from(embedding);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && Number.isFinite(length))) {
    throw new ModelFault('the embedding is unusable: all of its values are 0, or one is not finite');
  }
  return values.map((value) => value / length);
}
