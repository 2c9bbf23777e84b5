import type { GraphSource } from '../inference/backend.ts';
import type { ModelLoader } from '../shards/loader.ts';
import type { FileRef, Manifest } from '../shards/manifest.ts';
import type { StageName } from '../shards/stages.ts';

/** Bytes in memory per byte of a batched graph's shards, because its integers are converted to floats. */
const WIDENED = 4;

/** The graph that a host runs for a stage. */
export interface StageGraph {
  readonly stage: StageName;
  /** Its hash, which covers the names of its weights' files. */
  readonly key: string;
  /** Bytes of a session of it. */
  readonly bytes: number;
  /** Inputs with time as their second axis, for a batched graph. */
  readonly timed?: readonly string[];
  /** The file with its known answer. */
  readonly knownAnswer: FileRef;
  /** @throws {SoriError} `model_unavailable`. */
  load(signal: AbortSignal): Promise<GraphSource>;
}

/** @param batching whether to use the batched graph if there is one. */
export function stageGraph(
  loader: ModelLoader,
  manifest: Manifest,
  stage: StageName,
  batching: boolean,
): StageGraph {
  const listed = manifest.stages[stage];
  if (!listed) throw new RangeError(`Model '${manifest.name}' has no stage ${stage}.`);
  const { graph, shards } = listed;
  const weights = shards.reduce((sum, { bytes }) => sum + bytes, 0);
  const { stages, knownAnswer } = (batching && manifest.batched) || {};
  const batched = stages?.[stage];
  if (batched && knownAnswer) {
    return {
      stage,
      key: batched.graph.sha256,
      bytes: batched.graph.bytes + WIDENED * weights,
      timed: batched.timed,
      knownAnswer,
      load: (signal) => loader.batchedStage(manifest, stage, signal),
    };
  }
  return {
    stage,
    key: graph.sha256,
    bytes: graph.bytes + weights,
    knownAnswer: manifest.knownAnswer,
    load: (signal) => loader.stage(manifest, stage, signal),
  };
}
