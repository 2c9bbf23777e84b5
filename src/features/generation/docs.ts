import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader } from '../../placement/docs.ts';
import { generationSchema } from './schema.ts';

/** `POST /v1/audio/generations` in the OpenAPI document. */
export const generationDocs = createRoute({
  method: 'post',
  path: '/v1/audio/generations',
  tags: ['generations'],
  operationId: 'createGeneration',
  summary: 'Generate music or sound from a description',
  description:
    'Answers 202 with a job of kind `generation`; with `stream_format` it answers with the sound itself. The licence of the model is in `X-Sori-Licence` or in the result of the job.',
  request: { body: { required: true, content: { 'application/json': { schema: generationSchema } } } },
  responses: {
    200: {
      description:
        'The sound; or `generation.progress` events and then `generation.done` with a base64 file.',
      headers: {
        ...placedHeader,
        'X-Sori-Licence': {
          description: 'Licence of the model.',
          schema: { type: 'string' as const },
        },
      },
      content: {
        'audio/mpeg': { schema: z.string().openapi({ format: 'binary' }) },
        'text/event-stream': { schema: z.string() },
      },
    },
    202: {
      description: 'The job, as of `GET /v1/jobs/{id}`.',
      content: { 'application/json': { schema: z.object({ object: z.literal('job'), id: z.string() }) } },
    },
    ...errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 502, 503),
  },
});
