import type { Housekeeping } from '../housekeeping.ts';

/** Does the housekeeping of a process now and again. */
export interface HousekeepingTimer {
  /** Begins no more chores, and waits for the one under way. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** Keeps house now and, after each round, an hour later: what a cron trigger does for a Worker. */
export function startHousekeeping(
  housekeeping: Housekeeping,
  { intervalMs = HOUR_MS }: { intervalMs?: number } = {},
): HousekeepingTimer {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<unknown>;
  const run = async () => {
    await housekeeping.run(Date.now(), stopping.signal);
    // A process that has nothing else to do may end.
    if (!stopping.signal.aborted) timer = setTimeout(() => (round = run()), intervalMs).unref();
  };
  round = run();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
