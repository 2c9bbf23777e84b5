import type { StageRunner } from '../synthesis/stages.ts';
import type { ScheduledWork } from './scheduler.ts';

/** A stage runner whose runs and computation are steps of a piece of scheduled work, so that other work runs in between. */
export function scheduledStages(stages: StageRunner, work: ScheduledWork): StageRunner {
  const { compute = async (_, run) => run() } = stages;
  return {
    run: (stage, inputs, signal) => work.step(() => stages.run(stage, inputs, signal)),
    streams: stages.streams?.bind(stages),
    compute: (name, run) => work.step(() => compute(name, run)),
  };
}
