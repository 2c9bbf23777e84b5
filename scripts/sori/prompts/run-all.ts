/**
 * Runs a job for every item, at most `limit` at a time. When the signal comes, no further job is begun; those under way are finished.
 * A job that throws ends it the same way, and is thrown when the others are finished.
 * @returns how many jobs were begun.
 */
export async function runAll<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  job: (item: T, index: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    while (next < items.length && failures.length === 0 && !signal.aborted) {
      const index = next++;
      try {
        await job(items[index], index);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failures.length > 0) throw failures[0];
  return next;
}
