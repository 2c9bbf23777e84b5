import type { Housekeeping } from '../base/housekeeping.ts';
import { type Rounds, startRounds } from '../base/interval-task.ts';

const HOUR_MS = 3_600_000;

/** Keeps house now and, after each round, an hour later. */
export function startHousekeeping(
  housekeeping: Housekeeping,
  { intervalMs = HOUR_MS }: { intervalMs?: number } = {},
): Rounds {
  return startRounds((signal) => housekeeping.run(Date.now(), signal), intervalMs);
}
