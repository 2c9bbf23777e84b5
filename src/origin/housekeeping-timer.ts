import type { Housekeeping } from '../base/housekeeping.ts';
import { type IntervalTask, startIntervalTask } from '../base/interval-task.ts';

const HOUR_MS = 3_600_000;

/** Keeps house now and, after each round, an hour later. */
export function startHousekeeping(
  housekeeping: Housekeeping,
  { intervalMs = HOUR_MS }: { intervalMs?: number } = {},
): IntervalTask {
  return startIntervalTask((signal) => housekeeping.run(Date.now(), signal), intervalMs);
}
