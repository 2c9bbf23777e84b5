import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader, placementHeader } from '../../placement/docs.ts';
import { audioQuery, audioRequest, audioResponses } from '../delivery/index.ts';
import { promptAnswerSchema, promptListSchema } from './answer.ts';
import { listQuerySchema } from './query.ts';
import { promptSchema } from './schema.ts';

const params = z.object({
  name: z.string().openapi({
    description:
      '1 to 128 characters: a to z, 0 to 9 and `. _ - /`. It starts with a letter or digit. Slashes may be percent-encoded.',
    example: 'ivr/table-ready',
  }),
});
const conditions = z.object({
  'if-match': z.string().optional().openapi({ description: 'The prompt must have this ETag, else 412.' }),
  'if-none-match': z
    .string()
    .optional()
    .openapi({ description: '`*`: the prompt must not exist, else 412.' }),
});
const version = z.string().optional().openapi({ description: 'A version; default: the current one.' });
const etag = {
  ETag: { description: 'ETag of this version, for `If-Match`.', schema: { type: 'string' } },
} as const;
const content = { 'application/json': { schema: promptAnswerSchema } };
const tags = ['prompts'];

/** `PUT /v1/prompts/{name}`. */
export const putPromptDocs = createRoute({
  method: 'put',
  path: '/v1/prompts/{name}',
  tags,
  operationId: 'putPrompt',
  summary: 'Create or update a prompt',
  description:
    'Makes all audio that is not stored yet, in every locale and format, and then saves the definition as the next version. Earlier versions stay available as `?v=`. The same definition again changes nothing. If there is too much audio for one request, the answer is 503 `more_to_bake` with the progress in `X-Sori-Baked`; send the same request again to continue.',
  request: {
    params,
    headers: conditions.extend(placementHeader),
    body: { required: true, content: { 'application/json': { schema: promptSchema } } },
  },
  responses: {
    200: {
      description: 'Updated: a new version, or the same one if nothing changed.',
      headers: { ...etag, ...placedHeader },
      content,
    },
    201: { description: 'Created.', headers: { ...etag, ...placedHeader }, content },
    ...errorResponses(400, 401, 403, 404, 412, 413, 415, 429, 500, 501, 502, 503),
  },
});

/** `GET /v1/prompts/{name}`. */
export const getPromptDocs = createRoute({
  method: 'get',
  path: '/v1/prompts/{name}',
  tags,
  operationId: 'getPrompt',
  summary: 'Get a prompt',
  request: { params, query: z.object({ v: version }) },
  responses: {
    200: { description: 'The prompt.', headers: etag, content },
    ...errorResponses(400, 401, 403, 404, 410, 429, 500, 501, 503),
  },
});

/** `GET /v1/prompts`. */
export const listPromptsDocs = createRoute({
  method: 'get',
  path: '/v1/prompts',
  tags,
  operationId: 'listPrompts',
  summary: 'List prompts',
  request: { query: listQuerySchema },
  responses: {
    200: { description: 'A page of prompts.', content: { 'application/json': { schema: promptListSchema } } },
    ...errorResponses(400, 401, 403, 429, 500, 501, 503),
  },
});

/** `DELETE /v1/prompts/{name}`. */
export const deletePromptDocs = createRoute({
  method: 'delete',
  path: '/v1/prompts/{name}',
  tags,
  operationId: 'deletePrompt',
  summary: 'Delete a prompt',
  description:
    'Its URL then answers 410. Its audio stays available under its keys. A later PUT continues the version numbers.',
  request: { params, headers: conditions },
  responses: {
    204: { description: 'Deleted.' },
    ...errorResponses(400, 401, 403, 404, 412, 429, 500, 501, 503),
  },
});

/** `POST /v1/prompts/{name}/purge`. */
export const purgePromptDocs = createRoute({
  method: 'post',
  path: '/v1/prompts/{name}/purge',
  tags,
  operationId: 'purgePrompt',
  summary: 'Purge a prompt from caches',
  description: 'Purges answers with `Cache-Tag: prompt:<name>`. Deleted prompts can be purged as well.',
  request: { params },
  responses: {
    204: { description: 'Purged.' },
    ...errorResponses(400, 401, 403, 404, 429, 500, 501, 503),
  },
});

/** `GET /prompts/{name}.{format}`. */
export const promptAudioDocs = createRoute({
  method: 'get',
  path: '/prompts/{file}',
  tags,
  operationId: 'getPromptAudio',
  summary: 'Get the audio of a prompt',
  description:
    'Needs no API key. HEAD works too. Caches may store the current version for a minute, and then serve it for up to a day while they fetch it again. With `v` the answer never changes.',
  request: {
    headers: audioRequest.headers,
    query: audioQuery.extend({
      v: version,
      locale: z.string().optional().openapi({
        description:
          'BCP 47. The nearest locale of the prompt is used: `en-AU`, else `en`, else the default.',
        example: 'en-AU',
      }),
    }),
    params: z.object({
      file: z.string().openapi({
        description: `Name of the prompt, a dot, and the format: ${AUDIO_FORMATS.join(', ')}.`,
        example: 'ivr/table-ready.mp3',
      }),
    }),
  },
  responses: { ...audioResponses, ...errorResponses(400, 410) },
});
