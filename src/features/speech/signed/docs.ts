import { createRoute, z } from '@hono/zod-openapi';
import { FORMAT_INFO } from '../../../audio/format.ts';
import { errorResponses } from '../../../http/errors.ts';
import { MAX_LIFETIME_SECONDS } from '../../../http/signed-url.ts';
import { placedHeader, placementHeader } from '../../../placement/docs.ts';
import { PAYER } from '../../keys/index.ts';
import { speechSchema } from '../schema.ts';
import { SIGNED_PATH, URL_FIELDS } from './request.ts';

/** Default lifetime of a signed URL in seconds. */
export const DEFAULT_EXPIRES_IN = 3600;

const AUDIO_CONTENT = Object.fromEntries(
  Object.values(FORMAT_INFO).map(({ contentType }) => [
    contentType.split(';')[0],
    { schema: z.string().openapi({ format: 'binary' }) },
  ]),
);

const fields = Object.fromEntries(
  URL_FIELDS.map((name) => [
    name,
    z.string().openapi({
      param: { name, in: 'query', required: name === 'input' },
      description: `As \`${name}\` of POST.`,
    }),
  ]),
);

const query = z.object({
  ...fields,
  exp: z.string().openapi({ description: 'Unix time in seconds at which the URL expires.' }),
  kid: z.string().openapi({ description: 'Id of the signing key.' }),
  [PAYER]: z.string().optional().openapi({ description: 'Id of the API key whose quota is used.' }),
  sig: z.string().openapi({
    description: 'HMAC-SHA256 of path and parameters, in base64url.',
    example: 'mXw1Y0…',
  }),
});

/** `GET /v1/audio/speech`. */
export const signedSpeechDocs = createRoute({
  method: 'get',
  path: SIGNED_PATH,
  tags: ['speech'],
  operationId: 'getSignedSpeech',
  summary: 'Synthesize the speech of a signed URL',
  description:
    'For `<audio src>` and telephone systems. It needs no API key, because `POST /v1/audio/speech/sign` has signed all parameters. Numbers and objects are written as JSON. Each parameter appears once, in any order. Ranges and conditions work as for `/audio/{key}.{format}`.',
  security: [],
  request: { query, headers: z.object(placementHeader) },
  responses: {
    200: {
      description: 'The audio.',
      headers: {
        'Cache-Control': {
          description:
            '`max-age` is a day at most, and never longer than the URL is valid. For audio that `degrade` has made with fewer steps it is a minute.',
          schema: { type: 'string' },
        },
        ...placedHeader,
        'Content-Location': {
          description: 'Path of the same audio as an immutable file, which needs no signature.',
          schema: { type: 'string', example: '/audio/….mp3' },
        },
      },
      content: AUDIO_CONTENT,
    },
    206: { description: 'The requested range.', content: AUDIO_CONTENT },
    304: { description: 'The client’s copy is current.' },
    ...errorResponses(400, 401, 403, 404, 416, 429, 500, 501, 502, 503),
  },
});

/** Body of `POST /v1/audio/speech/sign`. */
export const signSchema = speechSchema
  .omit({
    audio_format: true,
    timestamps: true,
    stream_format: true,
    sample_rate: true,
    instructions: true,
  })
  .extend({
    expires_in: z.number().int().min(1).max(MAX_LIFETIME_SECONDS).default(DEFAULT_EXPIRES_IN).openapi({
      description: 'Lifetime of the URL in seconds, at most ten years.',
    }),
  })
  .openapi('SignRequest');

const signedSchema = z
  .object({
    url: z.url().openapi({ description: 'Anyone with this URL can fetch the audio until it expires.' }),
    expires_at: z.string().openapi({ format: 'date-time' }),
  })
  .openapi('SignedUrl', {
    example: {
      url: 'https://sori.example.com/v1/audio/speech?exp=1795608000&input=Hello.&kid=k1&model=sori-2&voice=clara&sig=mXw1Y0…',
      expires_at: '2026-11-25T12:00:00.000Z',
    },
  });

/** `POST /v1/audio/speech/sign`. */
export const signDocs = createRoute({
  method: 'post',
  path: `${SIGNED_PATH}/sign`,
  tags: ['speech'],
  operationId: 'signSpeech',
  summary: 'Create a signed URL',
  description:
    'Takes the body of `POST /v1/audio/speech` and `expires_in`. The audio is made at the first request to the URL, and charged once to the API key that signed it.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: signSchema,
          example: { model: 'sori-2', voice: 'clara', input: 'Your table is ready.', expires_in: 604_800 },
        },
      },
    },
  },
  responses: {
    200: { description: 'The URL.', content: { 'application/json': { schema: signedSchema } } },
    ...errorResponses(400, 401, 403, 404, 413, 415, 429, 500, 501, 503),
  },
});
