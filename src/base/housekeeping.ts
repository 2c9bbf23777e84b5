/**
 * Removes data that is no longer needed. Does a bounded amount of work; the next run continues. May run concurrently with itself.
 * @param now milliseconds since the epoch.
 * @returns how much it removed.
 */
export type HousekeepingTask = (now: number) => Promise<number>;

/** Removes data that is no longer needed. */
export interface Housekeeping {
  /**
   * Runs each task once and writes one log line. A task that fails does not stop the others.
   * @param signal starts no further task once it aborts.
   * @returns the number of removed items by task; failed tasks are absent.
   */
  run(now: number, signal?: AbortSignal): Promise<Record<string, number>>;
}

/**
 * Makes a housekeeping run of several tasks.
 *
 * @example
 * ```ts
 * const housekeeping = createHousekeeping({ jobs: (now) => pruneJobs(database, now) }, console.log);
 * await housekeeping.run(Date.now()); // {"time":…,"level":"info","housekeeping":{"jobs":12}}
 * ```
 * @param tasks by name; the log line uses the names.
 * @param log receives a line of JSON.
 */
export function createHousekeeping(
  tasks: Readonly<Record<string, HousekeepingTask>>,
  log: (line: string) => void,
): Housekeeping {
  return {
    async run(now, signal) {
      const removed: Record<string, number> = {};
      const failed: Record<string, string> = {};
      // Run the tasks one after another, because requests use the database as well.
      for (const [name, task] of Object.entries(tasks)) {
        if (signal?.aborted) break;
        try {
          removed[name] = await task(now);
        } catch (error) {
          failed[name] = error instanceof Error ? error.message : String(error);
        }
      }
      const faulty = Object.keys(failed).length > 0;
      const time = new Date(now).toISOString();
      const line = { time, level: faulty ? 'error' : 'info', housekeeping: removed };
      log(JSON.stringify(faulty ? { ...line, failed } : line));
      return removed;
    },
  };
}
