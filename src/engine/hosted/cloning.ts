import { resampleWork } from '../../audio/resample.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import { SoriError } from '../../base/errors.ts';
import { inTurns } from '../../base/turns.ts';
import { unitEmbedding } from '../../models/cloning.ts';
import type { HostedModels } from '../../models/hosted-models.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { analysisWork } from '../../synthesis/reference/reference.ts';
import type { Reference, SpeechRequest } from '../engine.ts';

/** Values of a mix that count as 0: embeddings have length 1, and their sum has rounding errors. */
const SMALLEST = 1e-6;

/**
 * The embedding with which a cloning model speaks an utterance: that of a style, else the mix of cloned voices, of length 1.
 * @param voice ids of cloned voices and their weights.
 * @throws {SoriError} `unknown_voice` without a style and cloned voices, because such a model has no voices of its own; `invalid_value` when the
 *   mix is 0, as that of opposite voices.
 */
export function embeddingOf(
  model: string,
  voice: Readonly<Record<string, number>>,
  { style, clones }: Pick<SpeechRequest, 'style' | 'clones'>,
): Float32Array {
  const named = Object.entries(voice);
  if (named.length === 0 && style) return style.slice();
  const sum: number[] = [];
  for (const [id, weight] of named) {
    const embedding = clones?.[id];
    if (embedding === undefined) throw noVoice(model);
    embedding.forEach((value, i) => {
      sum[i] = (sum[i] ?? 0) + weight * value;
    });
  }
  if (sum.length === 0) throw noVoice(model);
  if (sum.every((value) => Math.abs(value) < SMALLEST)) {
    const message =
      'These voices cancel each other in this mix: change the weights, or leave one of them out.';
    throw new SoriError('invalid_value', message, { param: 'voice' });
  }
  return unitEmbedding(sum);
}

function noVoice(model: string): SoriError {
  const message = `'${model}' speaks with cloned voices only: create one with POST /v1/voices and model=${model}.`;
  return new SoriError('unknown_voice', message, { param: 'voice' });
}

/**
 * Makes the embedding of a recording's speaker. The recording must pass the checks of references.
 * @returns [E], of length 1.
 * @throws {SoriError} `conflicting_parameters` for a model that does not clone; `unusable_reference`, `model_unavailable`, `overloaded`; the
 *   signal's reason.
 */
export async function encodeReference(
  models: Pick<HostedModels, 'run'>,
  { id, task, sampleRate = SAMPLE_RATE }: ModelManifest,
  reference: Reference,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (task !== 'speech-cloning') {
    const message = `'${id}' makes no styles of recordings: use another model.`;
    throw new SoriError('conflicting_parameters', message, { param: 'model' });
  }
  await inTurns(analysisWork(reference), signal);
  const resampled = await inTurns(resampleWork(reference.samples, SAMPLE_RATE, sampleRate), signal);
  // The thread of the model takes the samples over.
  const input = { kind: 'reference', samples: resampled.slice() } as const;
  for await (const event of models.run(id, 'speech-cloning', input, signal)) {
    if (event.kind === 'embedding') return event.embedding;
  }
  throw new SoriError('model_unavailable', `Model '${id}' gave no embedding.`, { param: 'model' });
}
