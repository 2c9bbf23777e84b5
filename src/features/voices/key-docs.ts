import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { deletedVoiceSchema } from './cloned-docs.ts';

const NEEDS = 'Needs the scope `keys:write`.';
const key = z
  .string()
  .openapi({ description: 'Id of an API key, which may be revoked.', example: '4f9K2mQx7PzL' });

const keyVoiceSchema = z
  .object({
    id: z.string(),
    object: z.literal('key.voice'),
    key: z.string().openapi({ description: 'Id of the API key that owns the voice.' }),
    name: z.string(),
    model: z.string(),
    language: z.string().openapi({ description: 'BCP 47.' }),
    recordings: z.number().int().openapi({ description: 'Number of recordings it was made from.' }),
    recordings_kept: z.number().int(),
    consent: z.enum(['recording', 'statement']),
    created_at: z.string().openapi({ description: 'ISO 8601.' }),
  })
  .openapi('KeyVoice');

/** A cloned voice in the answers for an administrator of keys. */
export type KeyVoice = z.infer<typeof keyVoiceSchema>;

/** `GET /v1/keys/{id}/voices`. */
export const listKeyVoicesDocs = createRoute({
  method: 'get',
  path: '/v1/keys/{id}/voices',
  tags: ['keys'],
  operationId: 'listKeyVoices',
  summary: 'List the cloned voices of a key',
  description: `Lists the voices without giving access to their audio or their use. ${NEEDS}`,
  request: { params: z.object({ id: key }) },
  responses: {
    200: {
      description: 'The voices, oldest first.',
      content: {
        'application/json': {
          schema: z.object({ object: z.literal('list'), data: z.array(keyVoiceSchema) }),
        },
      },
    },
    ...errorResponses(401, 403, 429, 500, 501, 503),
  },
});

/** `DELETE /v1/keys/{id}/voices/{voice}`. */
export const deleteKeyVoiceDocs = createRoute({
  method: 'delete',
  path: '/v1/keys/{id}/voices/{voice}',
  tags: ['keys'],
  operationId: 'deleteKeyVoice',
  summary: 'Delete a cloned voice of a key',
  description: `Deletes the voice as its owner would: its style, its stored recordings, and all audio made with it. ${NEEDS}`,
  request: { params: z.object({ id: key, voice: z.string() }) },
  responses: {
    200: {
      description: 'The voice is deleted.',
      content: { 'application/json': { schema: deletedVoiceSchema } },
    },
    ...errorResponses(401, 403, 404, 429, 500, 501, 503),
  },
});
