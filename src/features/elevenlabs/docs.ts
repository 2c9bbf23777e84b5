import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';

const bodySchema = z
  .object({
    text: z.string().openapi({ description: 'As `input` of a SpeechRequest.' }),
    model_id: z
      .string()
      .optional()
      .openapi({ description: 'A model of this server; any other name means the default model.' }),
    language_code: z.string().optional().openapi({ description: 'BCP 47.' }),
    seed: z.number().int().optional(),
    voice_settings: z
      .object({ speed: z.number().optional() })
      .loose()
      .optional()
      .openapi({ description: '`speed` has an effect; the others are listed in `X-Sori-Ignored`.' }),
  })
  .openapi('ElevenLabsRequest', {
    example: { text: 'Your table is ready.', model_id: 'eleven_multilingual_v2' },
  });

const alignmentSchema = z
  .object({
    characters: z.array(z.string()),
    character_start_times_seconds: z.array(z.number()),
    character_end_times_seconds: z.array(z.number()),
  })
  .openapi('CharacterAlignment');

const timedSchema = z
  .object({
    audio_base64: z.string().openapi({ format: 'byte' }),
    alignment: alignmentSchema.nullable(),
    normalized_alignment: alignmentSchema.nullable(),
  })
  .openapi('TimedAudio');

const binary = z.string().openapi({ format: 'binary' });
const audio = { content: { 'audio/mpeg': { schema: binary } }, description: 'The audio, as it is made.' };

const route = <const P extends string>(
  path: P,
  operationId: string,
  summary: string,
  answer: { description: string; content: Record<string, { schema: z.ZodType }> },
) =>
  createRoute({
    method: 'post',
    path,
    tags: ['other services'],
    operationId,
    summary,
    description: 'Errors have ElevenLabs’ shape: `{"detail": {"status", "message", "code", "request_id"}}`.',
    request: {
      params: z.object({
        voice_id: z
          .string()
          .openapi({ description: 'A voice of this server, or an id of ElevenLabs’ own voices.' }),
      }),
      query: z.object({
        output_format: z
          .string()
          .optional()
          .openapi({ example: 'mp3_44100_128', description: 'Default: MP3.' }),
      }),
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: { 200: answer, ...errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 502, 503) },
  });

/** The routes of ElevenLabs' text to speech. */
export const elevenLabsDocs = {
  convert: route('/v1/text-to-speech/{voice_id}', 'elevenLabsConvert', 'ElevenLabs: speech', audio),
  stream: route(
    '/v1/text-to-speech/{voice_id}/stream',
    'elevenLabsStream',
    'ElevenLabs: streamed speech',
    audio,
  ),
  timed: route(
    '/v1/text-to-speech/{voice_id}/with-timestamps',
    'elevenLabsTimed',
    'ElevenLabs: speech with times',
    {
      description: 'The audio and the times of its characters.',
      content: { 'application/json': { schema: timedSchema } },
    },
  ),
  timedStream: route(
    '/v1/text-to-speech/{voice_id}/stream/with-timestamps',
    'elevenLabsTimedStream',
    'ElevenLabs: streamed speech with times',
    { description: 'Lines of JSON.', content: { 'application/json': { schema: timedSchema } } },
  ),
};

/** `GET /v2/voices`. */
export const voiceSearchDocs = createRoute({
  method: 'get',
  path: '/v2/voices',
  tags: ['other services'],
  operationId: 'elevenLabsVoices',
  summary: 'ElevenLabs: list voices',
  description:
    '`GET /v1/voices` and `GET /v1/models` also answer in ElevenLabs’ shape if the key is in `xi-api-key`.',
  responses: {
    200: {
      description: 'The voices, all on one page.',
      content: {
        'application/json': {
          schema: z.object({
            voices: z.array(z.object({ voice_id: z.string(), name: z.string() }).loose()),
            has_more: z.literal(false),
            total_count: z.number().int(),
          }),
        },
      },
    },
    ...errorResponses(401, 500, 503),
  },
});

/** `GET /v1/voices/{voice_id}/settings`. */
export const voiceSettingsDocs = createRoute({
  method: 'get',
  path: '/v1/voices/{voice_id}/settings',
  tags: ['other services'],
  operationId: 'elevenLabsVoiceSettings',
  summary: 'ElevenLabs: settings of a voice',
  description:
    'The settings that have an effect here. `GET /v1/voices/{voice_id}` answers in ElevenLabs’ shape where the key is in `xi-api-key`.',
  request: { params: z.object({ voice_id: z.string() }) },
  responses: {
    200: {
      description: 'The settings.',
      content: { 'application/json': { schema: z.object({ speed: z.number() }) } },
    },
    ...errorResponses(401, 404, 500, 503),
  },
});
