import type { z } from '@hono/zod-openapi';
import type { jobRowSchema, jobSchema } from '../../../src/features/jobs/schema.ts';
import type { SoriClient } from '../client.ts';
import { CommandError } from '../failures.ts';

/** A job as the server describes it. */
export type Job = z.infer<typeof jobSchema>;

/** A job in a list. */
export type JobRow = z.infer<typeof jobRowSchema>;

/** Asks for a job. @throws {RequestError} 404 for jobs of other keys as well. */
export const readJob = (client: SoriClient, id: string): Promise<Job> => client.json<Job>('GET', jobPath(id));

/** Path of a job. */
export const jobPath = (id: string, what = ''): string => `/v1/jobs/${encodeURIComponent(id)}${what}`;

/** Whether a job has ended. */
export const isEnded = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** A job in one line. */
export function describeJob({ id, kind, state, progress, error }: Job): string {
  const why = error === null ? '' : `: ${error.message}`;
  return `${id}: ${kind}, ${state}, ${progress.done} of ${progress.total} steps${why}`;
}

/**
 * Output of a job, as a file.
 * @returns the path on the server and the usual extension.
 * @throws {CommandError} when there is none.
 */
export function outputOf(job: Job): { readonly path: string; readonly extension: string } {
  const { url, format, output, voice } = job.result ?? {};
  if (typeof output === 'string') return { path: output, extension: 'jsonl' };
  if (typeof url === 'string' && typeof format === 'string') return { path: url, extension: format };
  if (typeof voice === 'string')
    throw new CommandError(`${job.id} created the voice ${voice}. It has no file to download.`);
  throw new CommandError(`${describeJob(job)}. It has no result to download.`);
}
