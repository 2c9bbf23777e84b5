import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../../audio/format.ts';
import { isLanguageTag } from '../../../base/language-tag.ts';
import { namedFormat } from '../../../http/audio-format.ts';
import { errorResponses } from '../../../http/errors.ts';
import { placedHeader, placementHeader } from '../../../placement/docs.ts';
import { AUDIO_CONTENT, AUDIO_HEADERS } from '../../delivery/index.ts';
import { warningSchema } from '../../speech/index.ts';
import { MAX_VALUE_CHARACTERS } from '../templates/values.ts';

/** The body of `POST /v1/prompts/{name}/render`. */
export const renderSchema = z
  .strictObject({
    values: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .default({})
      .openapi({
        description: `A value for every slot: texts of at most ${MAX_VALUE_CHARACTERS} characters, numbers, dates as \`2026-11-21\` or \`2026-11-21T18:30\`. Values are plain text; markup in them is not interpreted.`,
        example: { count: 4, name: 'Ada' },
      }),
    format: namedFormat(z.enum(AUDIO_FORMATS))
      .optional()
      .openapi({ description: 'Default: the first format of the prompt.' }),
    locale: z.string().refine(isLanguageTag).optional().openapi({
      description: 'BCP 47; the best matching variant is used.',
      example: 'en-AU',
    }),
    v: z.int().min(1).optional().openapi({ description: 'Version of the prompt; default: the current one.' }),
  })
  .openapi('PromptRendering');

/** The answer for clients that accept JSON. */
export const renderedSchema = z
  .object({
    object: z.literal('prompt.rendering'),
    prompt: z.string(),
    version: z.number().int(),
    locale: z
      .string()
      .openapi({ description: 'The variant that was used; `default` if it is not in `locales`.' }),
    text: z.string().openapi({ description: 'The spoken text: the template with its values.' }),
    key: z.string().openapi({ description: 'Cache key: the permanent name of this audio.' }),
    urls: z
      .partialRecord(z.enum(AUDIO_FORMATS), z.string())
      .openapi({ description: 'Path by format.', example: { mp3: '/audio/6f1e….mp3' } }),
    seconds: z.number(),
    loudness: z.number().nullable().openapi({ description: 'LUFS; null when it is too quiet to measure.' }),
    model: z.string().openapi({ description: 'Model and version.', example: 'sori-2@2.0.0' }),
    cache: z.enum(['hit', 'miss', 'coalesced']),
    warnings: z.array(warningSchema).optional().openapi({
      description: 'Parts of the text that have no effect. Absent if there are none.',
    }),
    joined: z.int().openapi({ description: 'Number of joined parts; 1 if it was synthesized as a whole.' }),
  })
  .openapi('RenderedPrompt');

const values = { count: 4, name: 'Ada' };

/** `POST /v1/prompts/{name}/render`. */
export const renderRouteDocs = createRoute({
  method: 'post',
  path: '/v1/prompts/{name}/render',
  tags: ['prompts'],
  operationId: 'renderPrompt',
  summary: 'Render a prompt with values',
  description:
    'Returns the audio, which is made once and stored. With `Accept: application/json` (and no audio type) it returns the path of the audio instead. With `render: "joined"` the audio is joined from parts that renderings share. A template without the end of a clause between its slots is synthesized as a whole.',
  request: {
    params: z.object({
      name: z
        .string()
        .openapi({ description: 'Name of the prompt, which may have slashes.', example: 'ivr/table-ready' }),
    }),
    headers: z.object(placementHeader),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: renderSchema,
          examples: {
            values: { summary: 'With values', value: { values } },
            telephony: { summary: 'For a PBX', value: { values, format: 'wav-8k', v: 3 } },
          },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The audio, or JSON with its path.',
      headers: {
        ...AUDIO_HEADERS,
        ...placedHeader,
        'X-Cache': {
          description:
            '`hit`: the audio was already stored. `miss`: it was made. `coalesced`: another request was already making it.',
          schema: { type: 'string', enum: ['hit', 'miss', 'coalesced'] },
        },
      },
      content: { ...AUDIO_CONTENT, 'application/json': { schema: renderedSchema } },
    },
    ...errorResponses(400, 401, 403, 404, 410, 413, 415, 429, 500, 501, 502, 503),
  },
});
