import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { pageSchema } from '../../http/page-schema.ts';
import { keySchema, madeKeySchema, newKeySchema, rotationSchema } from './schema.ts';

/** Maximum and default number of keys in an answer. */
export const KEY_PAGE = { most: 1000, usual: 100 } as const;

const NEEDS = 'Needs the scope `keys:write`.';
const params = z.object({ id: z.string().openapi({ example: '4f9K2mQx7PzL' }) });

/** `POST /v1/keys`. */
export const createKeyDocs = createRoute({
  method: 'post',
  path: '/v1/keys',
  tags: ['keys'],
  operationId: 'createKey',
  summary: 'Make an API key',
  description: `The answer is the only place where the key itself is ever shown: only its SHA-256 is kept. ${NEEDS}`,
  request: { body: { required: true, content: { 'application/json': { schema: newKeySchema } } } },
  responses: {
    201: { description: 'The key.', content: { 'application/json': { schema: madeKeySchema } } },
    ...errorResponses(400, 401, 403, 413, 415, 429, 501, 503),
  },
});

/** `GET /v1/keys`. */
export const listKeysDocs = createRoute({
  method: 'get',
  path: '/v1/keys',
  tags: ['keys'],
  operationId: 'listKeys',
  summary: 'List API keys, the newest first',
  description: `Revoked and expired ones too: their usage is still told by their id. ${NEEDS}`,
  request: {
    query: z.object({
      limit: z
        .string()
        .optional()
        .openapi({
          description: `Keys at most: 1 to ${KEY_PAGE.most}, ${KEY_PAGE.usual} by default.`,
          example: '100',
        }),
      after: z.string().optional().openapi({ description: '`next` of the page before.' }),
    }),
  },
  responses: {
    200: {
      description: 'A page of keys, without their secrets.',
      content: {
        'application/json': { schema: pageSchema(keySchema, 'KeyList') },
      },
    },
    ...errorResponses(400, 401, 403, 429, 501, 503),
  },
});

/** `DELETE /v1/keys/{id}`. */
export const revokeKeyDocs = createRoute({
  method: 'delete',
  path: '/v1/keys/{id}',
  tags: ['keys'],
  operationId: 'revokeKey',
  summary: 'Revoke an API key',
  description: `It stops working everywhere within a minute, and never works again. ${NEEDS}`,
  request: { params },
  responses: {
    200: { description: 'The key, revoked.', content: { 'application/json': { schema: keySchema } } },
    ...errorResponses(401, 403, 404, 429, 501, 503),
  },
});

/** `POST /v1/keys/{id}/rotate`. */
export const rotateKeyDocs = createRoute({
  method: 'post',
  path: '/v1/keys/{id}/rotate',
  tags: ['keys'],
  operationId: 'rotateKey',
  summary: 'Give an API key a new secret',
  description: `Id, scopes, limits and usage stay; the old secret works on for \`overlap_seconds\`. ${NEEDS}`,
  request: { params, body: { required: true, content: { 'application/json': { schema: rotationSchema } } } },
  responses: {
    200: { description: 'The key, new.', content: { 'application/json': { schema: madeKeySchema } } },
    ...errorResponses(400, 401, 403, 404, 413, 415, 429, 501, 503),
  },
});
