import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { pageSchema } from '../../http/page-schema.ts';
import { translationJobSchema } from '../speech-translation/index.ts';
import { MAX_VOICE_BYTES, voiceJobSchema } from '../voices/index.ts';
import { JOB_STATES } from './machine.ts';
import { JOB_LIMITS, jobRowSchema, jobSchema, newJobSchema } from './schema.ts';

/** Largest and default number of jobs on a page. */
export const JOB_PAGE = { most: 1000, usual: 100 } as const;

const NEEDS = 'Needs the scope `speech`. Jobs of other keys are 404.';
const params = z.object({ id: z.string().openapi({ example: 'job_0123456789abcdefghjkmnpq' }) });
const tags = ['jobs'];
const answer = { 'application/json': { schema: jobSchema } };

/** `POST /v1/jobs`. */
export const createJobDocs = createRoute({
  method: 'post',
  path: '/v1/jobs',
  tags,
  operationId: 'createJob',
  summary: 'Create a job: a long text, a dialogue, a batch, a cloned voice, or translated speech',
  description: `Answers at once with a job. Its audio is made in the background. The body may have ${JOB_LIMITS.bytes / 1024 / 1024} MiB. A job of kind \`voice\` or \`speech-translation\` is a form of at most ${MAX_VOICE_BYTES / 1024 / 1024} MiB, whose recordings are removed after the job. ${NEEDS}`,
  request: {
    headers: z.object({
      'Idempotency-Key': z.string().optional().openapi({
        description:
          'For 24 h the same key with the same body is the same job; with another body it is refused (422).',
      }),
    }),
    body: {
      required: true,
      content: {
        'application/json': { schema: newJobSchema },
        'multipart/form-data': { schema: z.union([voiceJobSchema, translationJobSchema]) },
      },
    },
  },
  responses: {
    200: { description: 'The job that this `Idempotency-Key` created before.', content: answer },
    202: { description: 'The job; `Location` is its path.', content: answer },
    ...errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 503),
  },
});

/** `GET /v1/jobs`. */
export const listJobsDocs = createRoute({
  method: 'get',
  path: '/v1/jobs',
  tags,
  operationId: 'listJobs',
  summary: 'List jobs, newest first',
  description: NEEDS,
  request: {
    query: z.object({
      limit: z
        .string()
        .optional()
        .openapi({
          description: `Number of jobs: 1 to ${JOB_PAGE.most}, ${JOB_PAGE.usual} by default.`,
          example: '100',
        }),
      after: z.string().optional().openapi({ description: '`next` of the previous page.' }),
      state: z.enum(JOB_STATES).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page of jobs.',
      content: {
        'application/json': { schema: pageSchema(jobRowSchema, 'JobList') },
      },
    },
    ...errorResponses(400, 401, 403, 429, 501, 503),
  },
});

/** `GET /v1/jobs/{id}`. */
export const getJobDocs = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  tags,
  operationId: 'getJob',
  summary: 'Get a job',
  description: NEEDS,
  request: { params },
  responses: {
    200: { description: 'The job.', content: answer },
    ...errorResponses(401, 403, 404, 429, 501, 503),
  },
});

/** `DELETE /v1/jobs/{id}`. */
export const cancelJobDocs = createRoute({
  method: 'delete',
  path: '/v1/jobs/{id}',
  tags,
  operationId: 'cancelJob',
  summary: 'Cancel a job',
  description: `Audio that it has already made stays stored. 409 for a job that has succeeded or failed. ${NEEDS}`,
  request: { params },
  responses: {
    200: { description: 'The job, cancelled.', content: answer },
    ...errorResponses(401, 403, 404, 409, 429, 501, 503),
  },
});

/** `POST /v1/jobs/{id}/retry`. */
export const retryJobDocs = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/retry',
  tags,
  operationId: 'retryJob',
  summary: 'Retry a failed job',
  description: `It continues after its last completed step. ${NEEDS}`,
  request: { params },
  responses: {
    202: { description: 'The job, queued.', content: answer },
    ...errorResponses(401, 403, 404, 409, 429, 501, 503),
  },
});

/** `GET /v1/jobs/{id}/events`. */
export const jobEventsDocs = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/events',
  tags,
  operationId: 'followJob',
  summary: 'Follow a job',
  description: `Sends server-sent events from the first one, or after \`Last-Event-ID\`: \`queued\`, \`running\`, \`progress\`, \`succeeded\`, \`failed\`, \`cancelled\`, each with the number of steps done. The stream ends with the job. ${NEEDS}`,
  request: {
    params,
    headers: z.object({
      'Last-Event-ID': z.string().optional().openapi({ description: 'Id of the last received event.' }),
    }),
  },
  responses: {
    200: {
      description: 'Events.',
      content: {
        'text/event-stream': {
          schema: z.string().openapi({
            example: 'id: 3\nevent: progress\ndata: {"job":"job_…","done":1,"total":12}\n\n',
          }),
        },
      },
    },
    204: { description: 'The job has ended, and all of its events are before `Last-Event-ID`.' },
    ...errorResponses(400, 401, 403, 404, 429, 501, 503),
  },
});

/** `GET /v1/jobs/{id}/output`. */
export const jobOutputDocs = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/output',
  tags,
  operationId: 'getJobOutput',
  summary: 'Get the output of a batch or of a translation',
  description: `For a batch: JSONL as in OpenAI’s Batch API, with a line for each request, including refused ones. In a failed or cancelled batch, unfinished requests have an \`error\` and no \`response\`. For a speech translation: JSONL with a line for each segment. ${NEEDS}`,
  request: { params },
  responses: {
    200: { description: 'The lines.', content: { 'application/jsonl': { schema: z.string() } } },
    ...errorResponses(401, 403, 404, 429, 501, 503),
  },
});
