import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader, placementHeader } from '../../placement/docs.ts';
import type { ConsentSentence } from './consents.ts';
import { clonedVoiceSchema, voiceSchema } from './schema.ts';

const binary = z.string().openapi({ format: 'binary' });
const params = z.object({ id: z.string().openapi({ example: 'vce_4f9k2mqx7pzh4f9k2mqx7pzh4f' }) });

/** A sentence to read aloud. */
export const consentSchema = z
  .object({
    id: z.string().openapi({ description: 'Value for the field `consent`.' }),
    object: z.literal('voice.consent'),
    sentence: z.string().openapi({ description: 'The sentence for the speaker to read aloud once.' }),
    expires_at: z.string().openapi({ description: 'ISO 8601.' }),
  })
  .openapi('VoiceConsent', {
    example: {
      id: 'cns_4f9k2mqx7pzh4f9k2mqx7pzh4f',
      object: 'voice.consent',
      sentence:
        'I am the speaker of these recordings, and I agree that a computer makes a copy of my voice. My code is four, nine, two, seven, one, zero.',
      expires_at: '2026-11-21T12:30:00.000Z',
    },
  });

/** Converts a sentence to its JSON. */
export function consentAnswerOf({ id, sentence, expires }: ConsentSentence): z.infer<typeof consentSchema> {
  return { id, object: 'voice.consent', sentence, expires_at: expires.toISOString() };
}

/** The similarity of two voices. */
export const comparisonSchema = z
  .object({
    object: z.literal('voice.comparison'),
    model: z.string(),
    score: z
      .number()
      .openapi({ description: 'Cosine of their styles: 1 for equal styles, about 0 for different voices.' }),
    threshold: z.number().openapi({ description: 'Lowest score that counts as one speaker.' }),
    same_speaker: z.boolean(),
    error_rates: z
      .object({
        seconds: z.number().openapi({ description: 'Seconds of speech per recording in the measurement.' }),
        false_accept: z.number(),
        false_reject: z.number(),
      })
      .openapi({
        description: 'Error rates of the threshold, measured on 14 speakers outside the training data.',
      }),
  })
  .openapi('VoiceComparison');

/** `POST /v1/voices/consent`. */
export const consentDocs = createRoute({
  method: 'post',
  path: '/v1/voices/consent',
  tags: ['voices'],
  operationId: 'createVoiceConsent',
  summary: 'Get a consent sentence',
  description:
    'The speaker reads it aloud. Send the recording as `consent_recording` of `POST /v1/voices`. The sentence has a code and can be used once, within half an hour, by this API key.',
  responses: {
    201: { description: 'The sentence.', content: { 'application/json': { schema: consentSchema } } },
    ...errorResponses(403, 429, 500, 501, 503),
  },
});

const voiceFormSchema = z.object({
  name: z.string().max(64),
  description: z.string().max(500).optional(),
  files: z.array(binary).min(1).max(5),
  model: z.string().optional(),
  language: z.string().optional().openapi({ description: 'BCP 47; default: the model’s first.' }),
  keep: z.enum(['true', 'false']).optional().openapi({
    description: '`true` stores the recordings, accessible to this key only. Default: they are discarded.',
  }),
  consent: z.string().optional().openapi({ description: 'Id of the consent sentence.' }),
  consent_recording: binary.optional().openapi({ description: 'The speaker reading the sentence.' }),
  consent_statement: z.string().max(2000).optional().openapi({
    description: 'A statement instead of a recording, if the operator accepts it (`VOICE_CONSENT`).',
  }),
  consent_signed_by: z.string().max(200).optional().openapi({ description: 'Who makes the statement.' }),
});

/** The form of a voice job: that of `POST /v1/voices` and the fields of jobs. */
export const voiceJobSchema = voiceFormSchema
  .extend({
    kind: z.literal('voice'),
    webhook: z.string().optional().openapi({ description: 'URL that is notified when the job has ended.' }),
  })
  .openapi('VoiceJob');

/** `POST /v1/voices`. */
export const createVoiceDocs = createRoute({
  method: 'post',
  path: '/v1/voices',
  tags: ['voices'],
  operationId: 'createVoice',
  summary: 'Clone a voice',
  description:
    'Makes a voice from one to five recordings of one person, 3 to 60 seconds each, with that person’s consent. The voice and its audio are available to this API key only. The files are WAV, FLAC, MP3, M4A (AAC-LC, ALAC), AAC, WebM or Ogg (Opus, Vorbis). Only where the operator has turned it on (`REFERENCE_STYLES`).',
  request: {
    headers: z.object(placementHeader),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: voiceFormSchema,
        },
      },
    },
  },
  responses: {
    201: {
      description: 'The voice.',
      headers: placedHeader,
      content: { 'application/json': { schema: clonedVoiceSchema } },
    },
    ...errorResponses(400, 403, 404, 408, 413, 415, 422, 429, 500, 501, 502, 503),
  },
});

/** `GET /v1/voices/{id}`. */
export const getVoiceDocs = createRoute({
  method: 'get',
  path: '/v1/voices/{id}',
  tags: ['voices'],
  operationId: 'getVoice',
  summary: 'Describe a voice',
  request: { params },
  responses: {
    200: {
      description: 'The voice.',
      content: { 'application/json': { schema: z.union([clonedVoiceSchema, voiceSchema]) } },
    },
    ...errorResponses(404, 500, 503),
  },
});

/** The answer to a deletion. */
export const deletedVoiceSchema = z.object({
  id: z.string(),
  object: z.literal('voice.deleted'),
  deleted: z.literal(true),
  audio_removed: z
    .number()
    .int()
    .openapi({ description: 'Number of deleted audio files, counted by cache key.' }),
});

/** `DELETE /v1/voices/{id}`. */
export const deleteVoiceDocs = createRoute({
  method: 'delete',
  path: '/v1/voices/{id}',
  tags: ['voices'],
  operationId: 'deleteVoice',
  summary: 'Delete a cloned voice',
  description: 'Removes its style, its stored recordings, and all audio made with it.',
  request: { params },
  responses: {
    200: {
      description: 'The voice is deleted.',
      content: {
        'application/json': {
          schema: deletedVoiceSchema,
        },
      },
    },
    ...errorResponses(404, 500, 501, 503),
  },
});

/** `POST /v1/voices/compare`. */
export const compareDocs = createRoute({
  method: 'post',
  path: '/v1/voices/compare',
  tags: ['voices'],
  operationId: 'compareVoices',
  summary: 'Compare the voices of two recordings',
  description:
    'Speaker verification by the style encoder. It does not detect forgeries: a played-back recording or a clone may pass. Nothing is stored.',
  request: {
    headers: z.object(placementHeader),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.object({ files: z.array(binary).min(2).max(2), model: z.string().optional() }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The similarity.',
      headers: placedHeader,
      content: { 'application/json': { schema: comparisonSchema } },
    },
    ...errorResponses(400, 403, 404, 408, 413, 415, 429, 500, 501, 502, 503),
  },
});
