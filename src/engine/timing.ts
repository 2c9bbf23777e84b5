import type { StageRunner } from '../synthesis/stages.ts';
import type { Timings } from './engine.ts';

/** Wraps a stage runner to sum each stage's milliseconds in `timings`. */
export function timedStages(stages: StageRunner, timings: Timings): StageRunner {
  return {
    async run(stage, inputs, signal) {
      const started = performance.now();
      const outputs = await stages.run(stage, inputs, signal);
      timings[stage] = (timings[stage] ?? 0) + performance.now() - started;
      return outputs;
    },
  };
}
