import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader } from '../../placement/docs.ts';

const file = z.string().openapi({
  format: 'binary',
  description: 'The recording, as for transcriptions.',
});
const model = z.string().optional().openapi({ description: 'A model of the task; default: the first.' });
const form = (fields: z.ZodRawShape) => ({
  body: { required: true, content: { 'multipart/form-data': { schema: z.object(fields) } } },
});
const answers = (description: string, schema: z.ZodType) => ({
  200: { description, headers: placedHeader, content: { 'application/json': { schema } } },
  ...errorResponses(400, 401, 403, 404, 408, 413, 415, 429, 500, 501, 502, 503),
});

/** `POST /v1/audio/diarizations`. */
export const diarizationDocs = createRoute({
  method: 'post',
  path: '/v1/audio/diarizations',
  tags: ['speakers'],
  operationId: 'createDiarization',
  summary: 'Find who speaks when',
  request: form({
    file,
    model,
    speaker_model: z.string().optional().openapi({
      description:
        'Model that compares the voices of the turns. Default: the first speaker embedding that is installed, else the style encoder.',
    }),
  }),
  responses: answers(
    'Turns, in the order of their beginnings.',
    z.object({
      object: z.literal('diarization'),
      model: z.string(),
      speaker_model: z.string(),
      duration: z.number().openapi({ description: 'Seconds.' }),
      speakers: z.number().int(),
      segments: z.array(z.object({ speaker: z.string(), start: z.number(), end: z.number() })),
    }),
  ),
});

/** `POST /v1/audio/separations`. */
export const separationDocs = createRoute({
  method: 'post',
  path: '/v1/audio/separations',
  tags: ['speakers'],
  operationId: 'createSeparation',
  summary: 'Separate the voices of a recording',
  request: form({
    file,
    model,
    response_format: z.enum(AUDIO_FORMATS).optional().openapi({ description: 'Default `wav`.' }),
  }),
  responses: answers(
    'The voices, each as long as the recording, which lasts 60 s at most.',
    z.object({
      object: z.literal('separation'),
      model: z.string(),
      format: z.string(),
      sources: z.array(z.object({ audio: z.string().openapi({ description: 'A base64 file.' }) })),
    }),
  ),
});

const trait = z
  .object({
    value: z.string(),
    probability: z.number().openapi({ description: 'Probability by the model.' }),
    error_rate: z.number().openapi({
      description: 'Error rate that the maker of the model states.',
    }),
  })
  .optional();

/** `POST /v1/audio/speaker-profiles`. */
export const profileDocs = createRoute({
  method: 'post',
  path: '/v1/audio/speaker-profiles',
  tags: ['speakers'],
  operationId: 'createSpeakerProfile',
  summary: 'Estimate the sex and age band of a speaker',
  description: 'Only where the operator has turned it on (`SPEAKER_PROFILES`).',
  request: form({ file, model }),
  responses: answers(
    'The guesses, with how often they are wrong.',
    z.object({ object: z.literal('speaker.profile'), model: z.string(), sex: trait, age_band: trait }),
  ),
});
