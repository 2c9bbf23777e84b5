import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type CanonicalValue, canonicalJson } from '../canonical-json.ts';
import { SoriError } from '../errors.ts';
import { isJobId } from '../jobs/job-index.ts';
import type { Announce, Jobs } from '../jobs/jobs.ts';
import { isFinal, JOB_STATES, type Job, type JobState } from '../jobs/machine.ts';
import type { WebhookDelivery } from '../jobs/webhooks/webhooks.ts';
import { sha256Hex } from '../shards/integrity.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import {
  cancelJobDocs,
  createJobDocs,
  getJobDocs,
  JOB_PAGE,
  jobEventsDocs,
  jobOutputDocs,
  listJobsDocs,
  retryJobDocs,
} from './jobs-docs.ts';
import { followJob } from './jobs-events.ts';
import { parseJob, planJob } from './jobs-request.ts';
import { JOB_LIMITS, type JobKind, type jobSchema } from './jobs-schema.ts';
import { ofOwner, speakHere } from './jobs-speak.ts';
import { jobWork, stepsOf } from './jobs-work.ts';
import { readJsonBody } from './json-body.ts';
import { addressSpeech } from './speech-address.ts';
import { describeDelivery } from './webhooks-schema.ts';

/** Adds `/v1/jobs…`, and tells those who run jobs what to do. */
export function jobRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { jobs } = deps;
  if (jobs !== undefined) {
    const speak = deps.speakForJob ?? speakHere(deps);
    jobs.employ(jobWork(deps, jobs, speak), announcer(deps));
  }
  const jobsOf = (): Jobs => {
    if (jobs !== undefined) return jobs;
    const message = 'This server runs no jobs: its operator has given it no queue and no place to keep them.';
    throw new SoriError('not_configured', message);
  };
  /** @throws {SoriError} `unknown_job`, for those of other keys too. */
  const ownJob = async (c: Context<AppEnv>): Promise<Job> => {
    const id = c.req.param('id') ?? '';
    const { store } = jobsOf();
    const job = isJobId(id) ? await store.find(id) : null;
    if (job === null || job.owner !== c.get('caller').id) throw unknownJob();
    return job;
  };

  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [
    createJobDocs,
    listJobsDocs,
    getJobDocs,
    cancelJobDocs,
    retryJobDocs,
    jobEventsDocs,
    jobOutputDocs,
  ]) {
    app.openAPIRegistry.registerPath(docs);
  }

  app.post('/v1/jobs', async (c) => {
    const { store, queue } = jobsOf();
    const key = idempotencyKey(c.req.header('idempotency-key'));
    const body = await readJsonBody(c.req.raw, JOB_LIMITS.bytes);
    const { kind, request, webhook } = parseJob(body);
    const owner = c.get('caller').id;
    if (webhook !== undefined) {
      if (deps.webhooks === undefined) throw noWebhooks();
      await deps.webhooks.check(webhook, owner);
    }
    const plan = planJob(kind, request);
    // What the model does not know is better said now than by a job that fails.
    if (plan.kind !== 'batch') {
      const voices = new Map(plan.pieces.map(({ body: piece }) => [JSON.stringify(piece.voice), piece]));
      for (const piece of voices.values()) await addressSpeech(ofOwner(deps, owner), piece, c.req.raw.signal);
    }
    const digest = key && (await sha256Hex(new TextEncoder().encode(canonicalJson(body as CanonicalValue))));
    const { job, created } = await store.create({
      owner,
      kind,
      steps: stepsOf(plan),
      createdAt: Date.now(),
      webhook,
      request,
      idempotency: key && digest ? { key, digest } : undefined,
    });
    // One whose maker died before it was sent is sent now.
    if (created || job.state === 'queued') await queue.send(job.id);
    c.header('Location', `/v1/jobs/${job.id}`);
    c.header('Cache-Control', 'no-store');
    return c.json(describeJob(job), created ? 202 : 200);
  });

  app.get('/v1/jobs', async (c) => {
    const limit = pageSize(c.req.query('limit'));
    const after = c.req.query('after');
    const state = stateOf(c.req.query('state'));
    const rows = await jobsOf().store.list({ owner: c.get('caller').id, after, state, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const more = rows.length > limit;
    c.header('Cache-Control', 'no-store');
    return c.json({
      object: 'list',
      data: page.map(({ id, kind, state: stands, createdAt }) => ({
        object: 'job',
        id,
        kind,
        state: stands,
        created_at: Math.floor(createdAt / 1000),
      })),
      has_more: more,
      next: more ? page[page.length - 1].id : null,
    });
  });

  app.get('/v1/jobs/:id', async (c) => {
    const job = await ownJob(c);
    const deliveries = job.webhook && (await deps.webhooks?.list(job.id));
    c.header('Cache-Control', 'no-store');
    return c.json(describeJob(job, deliveries || undefined));
  });

  app.delete('/v1/jobs/:id', async (c) => {
    const { id } = await ownJob(c);
    const applied = await jobsOf().store.apply(id, { type: 'cancel' });
    if (applied === null) throw unknownJob();
    if (applied.refused !== undefined && applied.job.state !== 'cancelled') {
      throw new SoriError('job_conflict', `The job has ${applied.job.state} already.`);
    }
    await announcer(deps)(applied.job);
    return c.json(describeJob(applied.job));
  });

  app.post('/v1/jobs/:id/retry', async (c) => {
    const { id } = await ownJob(c);
    const { store, queue } = jobsOf();
    const applied = await store.apply(id, { type: 'retry' });
    if (applied === null) throw unknownJob();
    if (applied.refused !== undefined) {
      const message = `Only a failed job can be tried again; this one is ${applied.job.state}.`;
      throw new SoriError('job_conflict', message);
    }
    await queue.send(id);
    return c.json(describeJob(applied.job), 202);
  });

  app.get('/v1/jobs/:id/events', async (c) => {
    const { id } = await ownJob(c);
    const after = lastEvent(c.req.header('last-event-id'));
    c.header('Content-Type', 'text/event-stream; charset=utf-8');
    c.header('Cache-Control', 'no-store');
    return c.body(followJob(jobsOf().store, id, after, c.req.raw.signal));
  });

  app.get('/v1/jobs/:id/output', async (c) => {
    const { id } = await ownJob(c);
    const output = await jobsOf().outputs.get(id);
    if (output === null) throw new SoriError('not_found', 'This job has no output, or none yet.');
    c.header('Content-Type', 'application/jsonl; charset=utf-8');
    c.header('Cache-Control', 'private, no-store');
    return c.body(output);
  });
}

/** Tells a job's webhook how it ended; once for each end, however often it is told. */
function announcer({ webhooks }: AppDependencies): Announce {
  return async (job) => {
    if (job.webhook === undefined || webhooks === undefined || !isFinal(job.state)) return;
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

/** Writes a job as answers have it; with how its webhook fares, where that is known. */
export function describeJob(job: Job, deliveries?: readonly WebhookDelivery[]): z.infer<typeof jobSchema> {
  const { id, kind, state, done, steps, retries, result, fault, webhook } = job;
  return {
    object: 'job',
    id,
    kind: kind as JobKind,
    state,
    progress: { done, total: steps },
    retries,
    created_at: Math.floor(job.createdAt / 1000),
    started_at: inSeconds(job.startedAt),
    finished_at: inSeconds(job.finishedAt),
    webhook: webhook === undefined ? null : { url: webhook, deliveries: deliveries?.map(describeDelivery) },
    result: result ?? null,
    error: fault ?? null,
  };
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? null : Math.floor(ms / 1000));

const unknownJob = () => new SoriError('unknown_job', 'There is no such job, or it is not this key’s.');

const noWebhooks = () =>
  new SoriError('not_configured', 'This server sends no webhooks: its operator has set up none.', {
    param: 'webhook',
  });

function idempotencyKey(given: string | undefined): string | undefined {
  if (given === undefined || /^[\x20-\x7e]{1,255}$/.test(given)) return given;
  const message = 'Idempotency-Key must be 1 to 255 printable ASCII characters.';
  throw new SoriError('invalid_value', message, { param: 'Idempotency-Key' });
}

function lastEvent(given: string | undefined): number {
  if (given === undefined || given === '') return 0;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new SoriError('invalid_value', 'Last-Event-ID must be the id of an event.', {
    param: 'Last-Event-ID',
  });
}

function stateOf(given: string | undefined): JobState | undefined {
  if (given === undefined) return undefined;
  const state = JOB_STATES.find((each) => each === given);
  if (state !== undefined) return state;
  const message = `state must be one of ${JOB_STATES.join(', ')}.`;
  throw new SoriError('invalid_value', message, { param: 'state' });
}

function pageSize(given: string | undefined): number {
  if (given === undefined) return JOB_PAGE.usual;
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= JOB_PAGE.most) return limit;
  const message = `limit must be a whole number from 1 to ${JOB_PAGE.most}.`;
  throw new SoriError('invalid_value', message, { param: 'limit' });
}
