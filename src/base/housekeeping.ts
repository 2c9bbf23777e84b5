/**
 * Removes some of what nobody needs any more. It ends soon: what it leaves is for the next time. Others may be at the same at once.
 * @param now milliseconds since the epoch.
 * @returns how much it removed.
 */
export type HousekeepingTask = (now: number) => Promise<number>;

/** Removes what nobody needs any more. */
export interface Housekeeping {
  /**
   * Does each chore once, and writes one line into the log. A chore that fails stops no other.
   * @param signal begins no more chores once it aborts.
   * @returns how much was removed, by chore; those that failed are absent.
   */
  run(now: number, signal?: AbortSignal): Promise<Record<string, number>>;
}

/**
 * Makes a round of chores.
 *
 * @example
 * ```ts
 * const housekeeping = createHousekeeping({ jobs: (now) => pruneJobs(database, now) }, console.log);
 * await housekeeping.run(Date.now()); // {"time":…,"level":"info","housekeeping":{"jobs":12}}
 * ```
 * @param chores by the names that the log has for what they remove.
 * @param log takes a line of JSON.
 */
export function createHousekeeping(
  tasks: Readonly<Record<string, HousekeepingTask>>,
  log: (line: string) => void,
): Housekeeping {
  return {
    async run(now, signal) {
      const removed: Record<string, number> = {};
      const failed: Record<string, string> = {};
      // One after another: nobody waits for them, and requests want the database too.
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
