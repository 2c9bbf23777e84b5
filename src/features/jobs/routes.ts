import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { checkGeneration } from '../generation/index.ts';
import { addressSungJob } from '../singing/index.ts';
import { addressSpeech, makeHere, ofOwner, speakWith } from '../speech/index.ts';
import { announcer, answerNew, describeJob } from './answer.ts';
import { checkWebhook, digestOf } from './create.ts';
import type { JobDependencies } from './dependencies.ts';
import {
  cancelJobDocs,
  createJobDocs,
  getJobDocs,
  jobEventsDocs,
  jobOutputDocs,
  listJobsDocs,
  retryJobDocs,
} from './docs.ts';
import { followJob } from './events.ts';
import { createFormJob, isJobForm } from './forms.ts';
import type { Jobs } from './jobs.ts';
import { isFinal, type Job } from './machine.ts';
import { idempotencyKey, lastEvent, pageSize, stateOf } from './query.ts';
import { type JobPlan, parseJob } from './request.ts';
import { JOB_LIMITS } from './schema.ts';
import { openLines } from './speech/batch.ts';
import { joinSteps, weightOf } from './speech/join.ts';
import { makePlaced } from './speech/placed.ts';
import { isJobId } from './stores/job-index.ts';
import { jobWork, stepsOf } from './work.ts';

/** Adds `/v1/jobs…` and sets the work of jobs. */
export function jobRoutes(app: OpenAPIHono<AppEnv>, deps: JobDependencies): void {
  const { jobs } = deps;
  if (jobs !== undefined) {
    const pool = deps.placement?.pool;
    const make = pool === undefined ? makeHere(deps) : makePlaced(deps, pool);
    const speak = deps.speakForJob ?? speakWith(deps, make);
    jobs.employ(jobWork(deps, jobs, { speak, make }), announcer(deps));
  }
  const jobsOf = (): Jobs => {
    if (jobs !== undefined) return jobs;
    const message = 'This server runs no jobs: its operator has configured no queue and no storage for them.';
    throw new SoriError('not_configured', message);
  };
  /** @throws {SoriError} `unknown_job`, also for jobs of other keys. */
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
    if (isJobForm(c.req.raw)) return await createFormJob(c, deps, jobsOf(), key);
    const body = await readJsonBody(c.req.raw, JOB_LIMITS.bytes);
    const { kind, request, webhook, plan } = parseJob(body);
    const owner = c.get('caller').id;
    const idempotency = key === undefined ? undefined : { key, digest: await digestOf(body) };
    // Check this first, because voices and webhook receivers may have changed since the job was created.
    const made = idempotency && (await store.made(owner, idempotency));
    if (made) {
      // The process that created the job may have ended before it sent the message.
      if (made.state === 'queued') await queue.send(made.id);
      return answerNew(c, made, false);
    }
    await checkWebhook(deps, webhook, owner);
    checkJoin(plan, jobsOf());
    // Reject unknown voices now instead of with a failing job.
    if (plan.kind === 'generation') await checkGeneration(deps, plan.body);
    if (plan.kind === 'singing') await addressSungJob(ofOwner(deps, owner), plan.song, c.req.raw.signal);
    if ('pieces' in plan) {
      const voices = new Map(plan.pieces.map(({ body: piece }) => [JSON.stringify(piece.voice), piece]));
      for (const piece of voices.values()) await addressSpeech(ofOwner(deps, owner), piece, c.req.raw.signal);
    }
    const { job, created } = await store.create({
      owner,
      kind,
      steps: stepsOf(plan),
      createdAt: Date.now(),
      webhook,
      request,
      idempotency,
    });
    if (created || job.state === 'queued') await queue.send(job.id);
    return answerNew(c, job, created);
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
    return c.json(describeJob(job, deliveries || undefined, jobsOf().parts?.get(job.id)));
  });

  app.delete('/v1/jobs/:id', async (c) => {
    const { id } = await ownJob(c);
    const applied = await jobsOf().store.apply(id, { type: 'cancel' });
    if (applied === null) throw unknownJob();
    if (applied.refused !== undefined && applied.job.state !== 'cancelled') {
      throw new SoriError('job_conflict', `The job has already ${applied.job.state}.`);
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
      const message = `Only a failed job can be retried; this one is ${applied.job.state}.`;
      throw new SoriError('job_conflict', message);
    }
    await queue.send(id);
    return c.json(describeJob(applied.job), 202);
  });

  app.get('/v1/jobs/:id/events', async (c) => {
    const { id, state, events } = await ownJob(c);
    const after = Math.min(lastEvent(c.req.header('last-event-id')), events);
    c.header('Cache-Control', 'no-store');
    // A browser's EventSource reconnects when a stream ends and stops only at this status.
    if (isFinal(state) && after === events) return c.body(null, 204);
    c.header('Content-Type', 'text/event-stream; charset=utf-8');
    return c.body(
      followJob(jobsOf().store, id, after, { signal: c.req.raw.signal, draining: deps.draining }),
    );
  });

  app.get('/v1/jobs/:id/output', async (c) => {
    const output = await openLines(jobsOf(), await ownJob(c));
    if (output === null) throw new SoriError('not_found', 'This job has no output yet.');
    c.header('Content-Type', 'application/jsonl; charset=utf-8');
    c.header('Cache-Control', 'private, no-store');
    return c.body(output);
  });
}

/** @throws {SoriError} `origin_required` for a recording that would not fit into memory when it is joined. */
function checkJoin(plan: JobPlan, { longestInMemory = Number.POSITIVE_INFINITY }: Jobs): void {
  if (!('pieces' in plan) || plan.pieces.length === 1) return;
  const { pieces, format } = plan;
  const weights = joinSteps(plan) > 0 ? pieces.map((piece) => weightOf([piece])) : [weightOf(pieces)];
  const most = Math.ceil(Math.max(...weights));
  if (most <= longestInMemory) return;
  const what = weights.length > 1 ? 'A turn' : `A recording in ${format}`;
  const message = `${what} as long as ${most} characters at the pace of 1 takes more memory than the edge has, which is enough for ${longestInMemory}: ask an origin, or for several.`;
  throw new SoriError('origin_required', message);
}

const unknownJob = () => new SoriError('unknown_job', 'Unknown job, or a job of another key.');
