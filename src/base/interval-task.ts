/** A task that a process repeats at an interval. */
export interface IntervalTask {
  /** Starts no further run and waits for the current one. */
  stop(): Promise<void>;
}

/**
 * Runs a task now and again `intervalMs` after each run has ended, as a cron trigger does for a Worker.
 * @param round the task; returns early once its signal aborts; must not throw.
 */
export function startIntervalTask(
  round: (signal: AbortSignal) => Promise<unknown>,
  intervalMs: number,
): IntervalTask {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<unknown>;
  const run = async () => {
    await round(stopping.signal);
    // The timer must not keep the process alive.
    if (!stopping.signal.aborted) timer = setTimeout(() => (current = run()), intervalMs).unref();
  };
  current = run();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await current;
    },
  };
}
