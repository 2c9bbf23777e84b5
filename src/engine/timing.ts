import type { StageRunner } from '../synthesis/stages.ts';
import type { Timings } from './engine.ts';

/** A stage runner that adds up each stage's milliseconds in `timings`. */
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

/** Ends the current turn of the event loop, so that waiting events (a client's disconnect) are delivered. */
export function yieldToEvents(): Promise<void> {
  // Browsers have no setImmediate; a timer takes a millisecond and more.
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
