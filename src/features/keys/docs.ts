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
  summary: 'Create an API key',
  description: `Only this answer shows the key itself; the server stores its SHA-256. ${NEEDS}`,
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
  summary: 'List API keys, newest first',
  description: `Includes revoked and expired keys, because usage reports have their ids. ${NEEDS}`,
  request: {
    query: z.object({
      limit: z
        .string()
        .optional()
        .openapi({
          description: `Number of keys: 1 to ${KEY_PAGE.most}, ${KEY_PAGE.usual} by default.`,
          example: '100',
        }),
      after: z.string().optional().openapi({ description: '`next` of the previous page.' }),
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
  description: `It stops working everywhere within a minute. This cannot be undone. ${NEEDS}`,
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
  description: `Id, scopes, limits and usage stay the same. The old secret stays valid for \`overlap_seconds\`. ${NEEDS}`,
  request: { params, body: { required: true, content: { 'application/json': { schema: rotationSchema } } } },
  responses: {
    200: {
      description: 'The key, with its new secret.',
      content: { 'application/json': { schema: madeKeySchema } },
    },
    ...errorResponses(400, 401, 403, 404, 413, 415, 429, 501, 503),
  },
});
