import { SoriError } from '../base/errors.ts';
import { manifestFingerprint } from '../shards/fingerprint.ts';
import type { Manifest } from '../shards/manifest.ts';
import { defaultPathOf } from '../shards/stages.ts';
import { samplesEmotions } from '../synthesis/style/options.ts';
import type { InferenceInfo, ModelInfo, Readiness } from './engine.ts';
import type { ModelHost, OpenModel } from './model-host.ts';

/** Describes a model from its manifest. */
export async function modelInfo(manifest: Manifest): Promise<ModelInfo> {
  const { name, version, created, languages, voices, emotions, styleSize, style, edgeCosts } = manifest;
  const ordinary = defaultPathOf(manifest).flatMap((stage) => {
    const { graph, shards = [] } = manifest.stages[stage] ?? {};
    return graph ? [graph, ...shards] : [];
  });
  return {
    id: name,
    version,
    fingerprint: await manifestFingerprint(manifest),
    created,
    languages,
    voices: voices.map(({ id, name: label, sex, language, description, sample, formerly }) => {
      return { id, name: label, sex, language, description, sample, formerly };
    }),
    emotions,
    styleSize,
    ...(style.sampler && { samplesStyles: true, samplesEmotions: samplesEmotions(manifest) }),
    styleSpace: manifest,
    statistics: style.statistics,
    edgeCosts,
    stageBytes: ordinary.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/**
 * The arithmetic of a host. WebAssembly gives the same bits on every processor and in every process. Native code does not, so a processor's
 * build name includes its rounding. Batched graphs round differently, even for a single row.
 */
export function buildOf({ backend: { name }, batches, rounding }: ModelHost): string {
  const runtime = name.endsWith('wasm') ? 'wasm' : name;
  return [runtime, batches && 'batched', rounding].filter(Boolean).join('-');
}

/** The runtime of a host. */
export function inferenceOf({ backend: { name, refused = [] }, batches }: ModelHost): InferenceInfo {
  return { backend: name, ...(refused.length > 0 && { refused }), ...(batches && { batches }) };
}

/**
 * Runs a model's self-test. Never throws.
 * @param load loads what speech needs in addition to the stages.
 */
export async function checkModel(
  host: ModelHost,
  model: string,
  load: (model: OpenModel) => Promise<void>,
  signal?: AbortSignal,
): Promise<Readiness> {
  try {
    await host.verify(model, signal);
    await load(await host.open(model, signal));
    const { backend, refused } = inferenceOf(host);
    return { model, ready: true, backend, ...(refused && { refused }) };
  } catch (cause) {
    const fault = unpublished(model, cause);
    const known = fault instanceof SoriError;
    const code = known ? fault.code : 'model_unavailable';
    const message = known ? fault.message : 'The model could not be loaded or failed its self-test.';
    return { model, ready: false, error: { code, message } };
  }
}

/** A configured model that the store lacks is an error of the operator, not of the client. */
export function unpublished(model: string, fault: unknown): unknown {
  if (!(fault instanceof SoriError) || fault.code !== 'unknown_model') return fault;
  const message = `Model '${model}' is not in this server's bucket. Its operator can put it there: npm run shards:publish.`;
  return new SoriError('model_unavailable', message, { cause: fault });
}
