import type { StageRunner } from '../synthesis/stages.ts';
import type { ScheduledWork } from './scheduler.ts';

/** A stage runner whose runs are steps of a piece of work, so that others take turns with it. */
export function scheduledStages(stages: StageRunner, work: ScheduledWork): StageRunner {
  return { run: (stage, inputs, signal) => work.step(() => stages.run(stage, inputs, signal)) };
}
