import type { StageRunner } from '../synthesis/stages.ts';
import type { Timings } from './engine.ts';

/** Wraps a stage runner to sum the milliseconds of each stage and of other computation in `timings`. */
export function timedStages(stages: StageRunner, timings: Timings): StageRunner {
  async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    timings[name] = (timings[name] ?? 0) + performance.now() - started;
    return result;
  }
  return {
    run: (stage, inputs, signal) => timed(stage, () => stages.run(stage, inputs, signal)),
    streams: stages.streams?.bind(stages),
    compute: (name, work) => timed(name, work),
  };
}
