import type { Jobs } from './jobs.ts';

/** Jobs that are deleted in one round at most: each takes some calls to storage, of which a Worker has so many. */
const MOST = 100;

/**
 * Deletes jobs whose time is over, with their events and files, and idempotency keys that mean nothing any more. Audio stays in the
 * library, as all that is kept. What it leaves is for the next time.
 * @param now ms since the epoch.
 * @param forgetWebhooks deletes what was told of a job.
 * @returns how much was deleted.
 */
export async function pruneJobs(
  { store, outputs }: Pick<Jobs, 'store' | 'outputs'>,
  now: number,
  forgetWebhooks: (job: string) => Promise<void> = async () => {},
): Promise<number> {
  const ids = await store.expired(now, MOST);
  for (const id of ids) {
    // The job last: as long as it is there, its files are known.
    await outputs.remove(id);
    await forgetWebhooks(id);
    await store.forget(id);
  }
  return ids.length + (await store.forgetKeys(now));
}
