import type { Jobs } from './jobs.ts';

/** Most jobs deleted in one run, because a Worker may make a limited number of calls. */
const MOST = 100;

/**
 * Deletes expired jobs with their events and files, and expired idempotency keys. Audio stays in the
 * library. The next run continues.
 * @param now ms since the epoch.
 * @param forgetWebhooks deletes the webhook deliveries of a job.
 * @returns the number of deleted jobs.
 */
export async function pruneJobs(
  { store, outputs }: Pick<Jobs, 'store' | 'outputs'>,
  now: number,
  forgetWebhooks: (job: string) => Promise<void> = async () => {},
): Promise<number> {
  const ids = await store.expired(now, MOST);
  for (const id of ids) {
    // Delete the job last, because its record is needed to find its files.
    await outputs.remove(id);
    await forgetWebhooks(id);
    await store.forget(id);
  }
  return ids.length + (await store.forgetKeys(now));
}
