import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader } from '../../placement/docs.ts';
import { GRANULARITIES, MAX_SECONDS, TRANSCRIPT_FORMATS } from './schema.ts';

const common = {
  file: z.string().openapi({
    format: 'binary',
    description: `The recording: WAV, FLAC, MP3, M4A, AAC, WebM or Ogg, at most 25 MiB and ${MAX_SECONDS / 60} minutes; through an edge 16 MiB.`,
  }),
  model: z.string().openapi({
    description: 'A transcription model of `GET /v1/models`, or `whisper-1` for the first of them.',
    example: 'whisper-1',
  }),
  prompt: z.string().optional().openapi({ description: 'Preceding text, or words to expect.' }),
  response_format: z.enum(TRANSCRIPT_FORMATS).optional(),
  temperature: z.string().optional().openapi({ description: '0 to 1; default 0.' }),
  stream: z.enum(['true', 'false']).optional().openapi({
    description: '`true` sends a `transcript.text.delta` event for each segment.',
  }),
};

const segmentSchema = z.object({
  id: z.number().int(),
  seek: z.number().int(),
  start: z.number().openapi({ description: 'Seconds.' }),
  end: z.number().openapi({ description: 'Seconds.' }),
  text: z.string(),
  tokens: z.array(z.number().int()),
  temperature: z.number(),
  avg_logprob: z.number(),
  compression_ratio: z.number(),
  no_speech_prob: z.number(),
});

const transcriptSchema = z
  .object({
    text: z.string(),
    task: z.enum(['transcribe', 'translate']).optional(),
    language: z.string().optional(),
    duration: z.number().optional().openapi({ description: 'Seconds.' }),
    segments: z.array(segmentSchema).optional(),
    words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).optional(),
    usage: z.object({ type: z.literal('duration'), seconds: z.number().int() }),
  })
  .openapi('Transcript');

const text = { schema: z.string() };
const responses = {
  200: {
    description: 'The transcript. `verbose_json` has times; `srt` and `vtt` are captions.',
    headers: {
      ...placedHeader,
      'X-Sori-Audio-Ms': {
        description: 'Length of the recording in milliseconds.',
        schema: { type: 'string' as const },
      },
    },
    content: {
      'application/json': { schema: transcriptSchema },
      'text/plain': text,
      'text/vtt': text,
      'application/x-subrip': text,
      'text/event-stream': text,
    },
  },
  ...errorResponses(400, 401, 403, 404, 408, 413, 415, 429, 500, 502, 503),
};

const body = (fields: z.ZodRawShape) => ({
  body: { required: true, content: { 'multipart/form-data': { schema: z.object(fields) } } },
});

/** `POST /v1/audio/transcriptions` in the OpenAPI document. */
export const transcriptionDocs = createRoute({
  method: 'post',
  path: '/v1/audio/transcriptions',
  tags: ['transcriptions'],
  operationId: 'createTranscription',
  summary: 'Transcribe speech',
  request: body({
    ...common,
    language: z.string().optional().openapi({ description: 'ISO 639-1 code; default: detected.' }),
    'timestamp_granularities[]': z.array(z.enum(GRANULARITIES)).optional().openapi({
      description: 'Units whose times a `verbose_json` answer has; default `segment`.',
    }),
  }),
  responses,
});

/** `POST /v1/audio/translations` in the OpenAPI document. */
export const translationDocs = createRoute({
  method: 'post',
  path: '/v1/audio/translations',
  tags: ['transcriptions'],
  operationId: 'createTranslation',
  summary: 'Translate speech to English text',
  request: body(common),
  responses,
});
