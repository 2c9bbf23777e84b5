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
  summary: 'Send a job’s last webhook again',
  description: `With the same \`webhook-id\` and body, and all retries before it; whether or not it was delivered. ${NEEDS}`,
  request: { params: z.object({ id: z.string().openapi({ example: 'job_0123456789abcdefghjkmnpq' }) }) },
  responses: {
    202: {
      description: 'It is on its way.',
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
  summary: 'Make the key’s webhook secret, or a new one',
  description: `What is sent for this API key’s jobs is signed with it. The secret before goes on signing for \`overlap_seconds\`, in the same header. ${NEEDS}`,
  request: { body: { required: true, content: { 'application/json': { schema: newSecretSchema } } } },
  responses: {
    201: {
      description: 'The secret. This is the only answer that shows it.',
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
  summary: 'When the key’s webhook secrets were made',
  description: NEEDS,
  responses: {
    200: {
      description: 'Those that sign now, the newest first. None: the server’s own sign.',
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
