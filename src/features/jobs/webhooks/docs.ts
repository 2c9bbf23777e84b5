import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../../http/errors.ts';
import { deliverySchema, madeWebhookSecretSchema, newSecretSchema, webhookSecretSchema } from './schema.ts';

const NEEDS = 'Needs the scope `speech`.';
const tags = ['jobs'];

/** `POST /v1/jobs/{id}/webhook/redeliver`. */
export const redeliverDocs = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/webhook/redeliver',
  tags,
  operationId: 'redeliverWebhook',
  summary: 'Send the last webhook of a job again',
  description: `Sends it with the same \`webhook-id\` and body and with all retries, even if it was delivered. ${NEEDS}`,
  request: { params: z.object({ id: z.string().openapi({ example: 'job_0123456789abcdefghjkmnpq' }) }) },
  responses: {
    202: {
      description: 'The delivery was scheduled.',
      content: { 'application/json': { schema: deliverySchema } },
    },
    ...errorResponses(401, 403, 404, 429, 501, 503),
  },
});

/** `POST /v1/webhooks/secret`. */
export const newSecretDocs = createRoute({
  method: 'post',
  path: '/v1/webhooks/secret',
  tags,
  operationId: 'rotateWebhookSecret',
  summary: 'Create or rotate the webhook secret of the key',
  description: `It signs the webhooks of this API key’s jobs. The previous secret also signs for \`overlap_seconds\`, in the same header. ${NEEDS}`,
  request: { body: { required: true, content: { 'application/json': { schema: newSecretSchema } } } },
  responses: {
    201: {
      description: 'The secret, which is shown only in this answer.',
      content: { 'application/json': { schema: madeWebhookSecretSchema } },
    },
    ...errorResponses(400, 401, 403, 413, 415, 429, 501, 503),
  },
});

/** `GET /v1/webhooks/secret`. */
export const listSecretsDocs = createRoute({
  method: 'get',
  path: '/v1/webhooks/secret',
  tags,
  operationId: 'listWebhookSecrets',
  summary: 'List the webhook secrets of the key',
  description: NEEDS,
  responses: {
    200: {
      description: 'The active secrets, newest first. Without any, the server’s secrets sign.',
      content: {
        'application/json': {
          schema: z
            .object({ object: z.literal('list'), data: z.array(webhookSecretSchema) })
            .openapi('WebhookSecretList'),
        },
      },
    },
    ...errorResponses(401, 403, 429, 501, 503),
  },
});
