import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';

const tags = ['other services'];
const ERRORS = errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 502, 503);
const binary = z.string().openapi({ format: 'binary' });

/** `POST /dev/phonemize`. */
export const phonemizeDocs = createRoute({
  method: 'post',
  path: '/dev/phonemize',
  tags,
  operationId: 'kokoroPhonemize',
  summary: 'Kokoro-FastAPI: phonemes of a text',
  description: '`POST /v1/audio/phonemes` returns more details.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ text: z.string(), language: z.string().optional() }),
          example: { text: 'Your table is ready.', language: 'a' },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'IPA. `tokens` is empty, because they are indices into a table of Kokoro.',
      content: {
        'application/json': { schema: z.object({ phonemes: z.string(), tokens: z.array(z.number()) }) },
      },
    },
    ...ERRORS,
  },
});

/** `POST /dev/captioned_speech`. */
export const captionedDocs = createRoute({
  method: 'post',
  path: '/dev/captioned_speech',
  tags,
  operationId: 'kokoroCaptionedSpeech',
  summary: 'Kokoro-FastAPI: speech with word timings',
  description:
    'Takes the fields of `POST /v1/audio/speech`. With `stream` (default) the answer is lines of JSON.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .object({
              input: z.string(),
              voice: z.string().optional(),
              response_format: z.string().optional(),
              stream: z.boolean().optional(),
              return_timestamps: z.boolean().optional(),
              lang_code: z.string().optional(),
            })
            .loose(),
          example: { input: 'Your table is ready.', voice: 'af_heart', stream: false },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'Base64 audio and words.',
      content: {
        'application/json': {
          schema: z.object({
            audio: z.string(),
            audio_format: z.string(),
            timestamps: z
              .array(z.object({ word: z.string(), start_time: z.number(), end_time: z.number() }))
              .nullable(),
          }),
        },
      },
    },
    ...ERRORS,
  },
});

/** `POST /dev/generate_from_phonemes`. */
export const fromPhonemesDocs = createRoute({
  method: 'post',
  path: '/dev/generate_from_phonemes',
  tags,
  operationId: 'kokoroFromPhonemes',
  summary: 'Kokoro-FastAPI: speech of phonemes',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ phonemes: z.string(), voice: z.string().optional() }),
          example: { phonemes: 'həlˈoʊ wˈɝld', voice: 'af_heart' },
        },
      },
    },
  },
  responses: { 200: { description: 'WAV.', content: { 'audio/wav': { schema: binary } } }, ...ERRORS },
});
