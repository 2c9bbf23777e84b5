import { decodeKnownAnswers } from '../../../src/shards/known-answer.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import type { ShardSource } from '../../../src/shards/source.ts';
import type { StageName } from '../../../src/shards/stages.ts';
import type { PackedStage } from '../../contract/inference.contract.ts';

/** Loads every stage of a model that has a known answer. */
export async function packedStages(source: ShardSource, model: string): Promise<PackedStage[]> {
  const loader = createModelLoader({ source });
  const manifest = await loader.manifest(model);
  const answers = decodeKnownAnswers(await loader.file(manifest, manifest.knownAnswer));
  return Promise.all(
    Object.entries(answers).map(async ([stage, { inputs, outputs }]) => ({
      name: `${model}/${stage}`,
      source: await loader.stage(manifest, stage as StageName),
      inputs,
      outputs,
    })),
  );
}
