import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { consentRecordSchema, consentSchema } from '../voices/index.ts';

const binary = z.string().openapi({ format: 'binary' });
const model = z.string().optional().openapi({
  description: 'Model that compares voices, of task `speaker-embedding`; default: the style encoder.',
});
const errorRates = z
  .object({ seconds: z.number(), false_accept: z.number(), false_reject: z.number() })
  .nullable()
  .openapi({ description: 'Measured error rates at the threshold; null for a model of another maker.' });
const score = z
  .number()
  .openapi({ description: 'Cosine: 1 for the same voice, about 0 for different ones.' });
const threshold = z.number().openapi({ description: 'Lowest score that counts as one speaker.' });

const speakerSchema = z
  .object({
    id: z.string().openapi({ example: 'spk_4f9k2mqx7pzh4f9k2mqx7pzh4f' }),
    object: z.literal('speaker'),
    name: z.string(),
    model: z.string(),
    seconds: z.number().openapi({ description: 'Length of the recordings.' }),
    consent: consentRecordSchema,
    created_at: z.string(),
  })
  .openapi('Speaker');

const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});
const form = (fields: z.ZodRawShape) => ({
  body: { required: true, content: { 'multipart/form-data': { schema: z.object(fields) } } },
});
const errors = errorResponses(400, 401, 403, 404, 408, 413, 415, 429, 500, 501, 502, 503);

/** `POST /v1/speakers/verify`. */
export const verifyDocs = createRoute({
  method: 'post',
  path: '/v1/speakers/verify',
  tags: ['speakers'],
  operationId: 'verifySpeaker',
  summary: 'Check whether two recordings have the same speaker',
  request: form({
    files: z.array(binary).openapi({ description: 'Two recordings, or one together with `speaker`.' }),
    speaker: z.string().optional().openapi({ description: 'An enrolled speaker.' }),
    model,
  }),
  responses: {
    200: json(
      'How alike they are.',
      z.object({
        object: z.literal('speaker.verification'),
        model: z.string(),
        score,
        threshold,
        same_speaker: z.boolean(),
        error_rates: errorRates,
      }),
    ),
    ...errors,
  },
});

/** `POST /v1/speakers/consent`. */
export const consentDocs = createRoute({
  method: 'post',
  path: '/v1/speakers/consent',
  tags: ['speakers'],
  operationId: 'createSpeakerConsent',
  summary: 'Get a consent sentence for an enrolment',
  description:
    'The speaker reads it aloud. Send the recording as `consent_recording` of `POST /v1/speakers`. The sentence has a code and can be used once, within half an hour, by this API key.',
  responses: { 201: json('The sentence.', consentSchema), ...errorResponses(403, 429, 500, 501, 503) },
});

/** `POST /v1/speakers`. */
export const enrolDocs = createRoute({
  method: 'post',
  path: '/v1/speakers',
  tags: ['speakers'],
  operationId: 'enrolSpeaker',
  summary: 'Enrol a speaker',
  description: 'Stores a vector of the voice and the consent. The recordings are discarded.',
  request: form({
    name: z.string(),
    files: z.array(binary).openapi({ description: 'One to five recordings.' }),
    consent: z
      .string()
      .optional()
      .openapi({ description: 'Id of a sentence of `POST /v1/speakers/consent`.' }),
    consent_recording: binary.optional().openapi({ description: 'The speaker reading that sentence.' }),
    consent_statement: z.string().optional().openapi({
      description:
        'A statement of what the speaker has agreed to, if the operator allows it (`VOICE_CONSENT`).',
    }),
    consent_signed_by: z.string().optional().openapi({ description: 'Who makes the statement.' }),
    model,
  }),
  responses: { 201: json('The speaker.', speakerSchema), ...errors, ...errorResponses(422) },
});

/** `GET /v1/speakers`. */
export const listDocs = createRoute({
  method: 'get',
  path: '/v1/speakers',
  tags: ['speakers'],
  operationId: 'listSpeakers',
  summary: 'List enrolled speakers',
  responses: {
    200: json(
      'The speakers of this key.',
      z.object({ object: z.literal('list'), data: z.array(speakerSchema) }),
    ),
    ...errors,
  },
});

/** `DELETE /v1/speakers/{id}`. */
export const deleteDocs = createRoute({
  method: 'delete',
  path: '/v1/speakers/{id}',
  tags: ['speakers'],
  operationId: 'deleteSpeaker',
  summary: 'Delete an enrolled speaker',
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: json(
      'It is deleted.',
      z.object({ id: z.string(), object: z.literal('speaker.deleted'), deleted: z.literal(true) }),
    ),
    ...errors,
  },
});

/** `POST /v1/speakers/identify`. */
export const identifyDocs = createRoute({
  method: 'post',
  path: '/v1/speakers/identify',
  tags: ['speakers'],
  operationId: 'identifySpeaker',
  summary: 'Find the enrolled speaker of a recording',
  request: form({ file: binary, model }),
  responses: {
    200: json(
      'The enrolled speakers, the most alike first, at most 20.',
      z.object({
        object: z.literal('speaker.identification'),
        model: z.string(),
        threshold,
        match: z
          .string()
          .nullable()
          .openapi({ description: 'The first, if its score reaches the threshold.' }),
        speakers: z.array(z.object({ id: z.string(), name: z.string(), score })),
        error_rates: errorRates,
      }),
    ),
    ...errors,
  },
});
