import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../http/context.ts';
import type { JobDependencies } from './dependencies.ts';
import type { Announce } from './jobs.ts';
import { expiryOf, isFinal, type Job } from './machine.ts';
import { DRAFTS } from './outputs/outputs.ts';
import type { JobKind, jobSchema } from './schema.ts';
import { dropRecordings } from './voices/work.ts';
import { describeDelivery } from './webhooks/schema.ts';
import type { WebhookDelivery } from './webhooks/types.ts';

/** Answers with a job that was created or found. */
export function answerNew(c: Context<AppEnv>, job: Job, created: boolean): Response {
  c.header('Location', `/v1/jobs/${job.id}`);
  c.header('Cache-Control', 'no-store');
  return c.json(describeJob(job), created ? 202 : 200);
}

/** Notifies a job's webhook of its end; once per end, even if called repeatedly. */
export function announcer(deps: JobDependencies): Announce {
  const { webhooks } = deps;
  return async (job) => {
    if (!isFinal(job.state)) return;
    await deps.jobs?.outputs.remove(job.id, DRAFTS);
    await dropRecordings(deps, job);
    if (job.webhook === undefined || webhooks === undefined) return;
    await webhooks.announce({
      jobId: job.id,
      owner: job.owner,
      url: job.webhook,
      type: `job.${job.state}`,
      data: describeJob(job),
      run: job.retries,
    });
  };
}

/** Converts a job to its JSON, with its webhook deliveries and the share of its running step if known. */
export function describeJob(
  job: Job,
  deliveries?: readonly WebhookDelivery[],
  part?: number,
): z.infer<typeof jobSchema> {
  const { id, kind, state, done, steps, retries, result, fault, webhook } = job;
  return {
    object: 'job',
    id,
    kind: kind as JobKind,
    state,
    progress: { done, total: steps, ...(part !== undefined && state === 'running' && { part }) },
    retries,
    created_at: Math.floor(job.createdAt / 1000),
    started_at: inSeconds(job.startedAt),
    finished_at: inSeconds(job.finishedAt),
    retry_at: inSeconds(job.retryAt),
    deadline_at: isFinal(state) ? null : inSeconds(job.deadline),
    expires_at: inSeconds(expiryOf(job)),
    webhook: webhook === undefined ? null : { url: webhook, deliveries: deliveries?.map(describeDelivery) },
    result: result ?? null,
    error: fault ?? null,
  };
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? null : Math.floor(ms / 1000));
