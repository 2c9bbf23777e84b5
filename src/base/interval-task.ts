/** Work that a process does again and again. */
export interface IntervalTask {
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Does something now and, after each round, again when `intervalMs` have passed: what a cron trigger does for a Worker.
 * @param round ends early once its signal aborts; must not throw.
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
    // A process that has nothing else to do may end.
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
