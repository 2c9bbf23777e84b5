import type { GraphSource } from '../inference/backend.ts';
import type { ModelLoader } from '../shards/loader.ts';
import type { FileRef, Manifest } from '../shards/manifest.ts';
import type { StageName } from '../shards/stages.ts';

/** Bytes in memory of a batched graph's weights for each byte in its shards: its integers are widened to floats. */
const WIDENED = 4;

/** The graph that a host runs for a stage. */
export interface StageGraph {
  readonly stage: StageName;
  /** Graphs of the same key are the same: its hash, which covers the names of its weights' files. */
  readonly key: string;
  /** Bytes that a session of it counts for. */
  readonly bytes: number;
  /** Inputs with time as their second axis, when it takes several utterances at once. */
  readonly timed?: readonly string[];
  /** The file with its known answer. */
  readonly knownAnswer: FileRef;
  /** @throws {SoriError} `model_unavailable`. */
  load(signal: AbortSignal): Promise<GraphSource>;
}

/** @param batching whether to take the batched graph where there is one. */
export function stageGraph(
  loader: ModelLoader,
  manifest: Manifest,
  stage: StageName,
  batching: boolean,
): StageGraph {
  const { graph, shards } = manifest.stages[stage];
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
