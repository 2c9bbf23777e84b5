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

/** Yields to the event loop, so that waiting events such as a disconnect are delivered. */
export function yieldToEvents(): Promise<void> {
  // Browsers have no setImmediate; a timer takes a millisecond and more.
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
