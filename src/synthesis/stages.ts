import type { Tensors } from '../inference/backend.ts';
import type { StageName } from '../shards/stages.ts';

/** Runs a stage of a model, loading it first where it must: all that the pipeline needs of weights and runtimes. */
export interface StageRunner {
  /**
   * The caller may free inputs and outputs after the run: a runner that keeps any copies it.
   * @throws {InferenceError} or {@link SoriError} `model_unavailable` when the stage can't be run or loaded.
   */
  run(stage: StageName, inputs: Tensors, signal?: AbortSignal): Promise<Tensors>;
  /**
   * Whether {@link StageRunner.run} can be given a sequence in pieces, as described at `GraphSession.streams`. Without it, no stage can.
   * @throws as {@link StageRunner.run}.
   */
  streams?(stage: StageName, signal?: AbortSignal): Promise<boolean>;
  /** Runs computation outside the graphs, which takes its turn among the runs of others. Without it, it runs at once. */
  compute?<T>(name: string, work: () => T): Promise<T>;
}
