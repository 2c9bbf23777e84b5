import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader } from '../../placement/docs.ts';
import { KEPT_FEATURES } from './schema.ts';

const form = z.object({
  file: z.string().openapi({
    format: 'binary',
    description:
      'The recording, as for transcriptions: at most 25 MiB and 30 minutes; through an edge 16 MiB.',
  }),
  voice: z.string().openapi({
    description:
      'A cloned voice of the speaker (`vce_…`), which must sound like the recording; or a built-in voice.',
    example: 'vce_4f9k2mqx7pzh4f9k2mqx7pzh4f',
  }),
  to: z.string().optional().openapi({ description: 'BCP 47 tag of the translation; default `en`.' }),
  language: z.string().optional().openapi({ description: 'ISO 639-1 of the recording; default: detected.' }),
  model: z.string().optional().openapi({ description: 'Transcription model; default: the first.' }),
  translation_model: z.string().optional().openapi({
    description:
      'Translation model; default: the first one for these two languages, else the recognizer’s own translation to English.',
  }),
  speech_model: z.string().optional().openapi({ description: 'Model that speaks; default: the first.' }),
  keep: z
    .string()
    .optional()
    .openapi({
      description: `What the translation copies from the recording, separated by commas: ${KEPT_FEATURES.join(', ')}. Without it, a segment starts with the original segment, or as soon as the previous one has ended.`,
      example: 'rate,pitch_range',
    }),
  response_format: z.enum(AUDIO_FORMATS).optional().openapi({ description: 'Default `mp3`.' }),
  stream: z.enum(['true', 'false']).optional().openapi({
    description: '`true` sends a server-sent event for each segment, with its audio and latency.',
  }),
  speech: z.enum(['on', 'off']).optional().openapi({
    description: '`off` returns the translation as text only. Requires `stream`.',
  }),
  seed: z.string().optional().openapi({ description: 'A whole number; default 0.' }),
});

/** Form of a job of kind `speech-translation`. */
export const translationJobSchema = form
  .omit({ stream: true, speech: true })
  .extend({
    kind: z.literal('speech-translation'),
    webhook: z.string().optional().openapi({ description: 'URL that is notified when the job has ended.' }),
  })
  .openapi('SpeechTranslationJob');

/** `POST /v1/audio/speech-translations` in the OpenAPI document. */
export const translationDocs = createRoute({
  method: 'post',
  path: '/v1/audio/speech-translations',
  tags: ['transcriptions'],
  operationId: 'createSpeechTranslation',
  summary: 'Translate speech to speech',
  description:
    'Transcribes a recording, translates it, and speaks the translation. Each segment starts with the original one. Speech with a cloned voice has a watermark and tags.',
  request: { body: { required: true, content: { 'multipart/form-data': { schema: form } } } },
  responses: {
    200: {
      description:
        'The translation as audio. With `stream`, events: `speech.translation.segment` with `text`, `start_ms` and `end_ms` of the source, `audio_start_ms`, `latency_ms`, and `audio`, a base64 file; then `speech.translation.done`.',
      headers: {
        ...placedHeader,
        'X-Sori-Audio-Ms': {
          description: 'Length of the recording in milliseconds.',
          schema: { type: 'string' as const },
        },
        'X-Sori-Speaker-Similarity': {
          description: 'Similarity of the recording to the cloned voice.',
          schema: { type: 'string' as const },
        },
      },
      content: {
        'audio/mpeg': { schema: z.string().openapi({ format: 'binary' }) },
        'text/event-stream': { schema: z.string() },
      },
    },
    ...errorResponses(400, 401, 403, 404, 408, 413, 415, 429, 500, 502, 503),
  },
});
