import { z } from '@hono/zod-openapi';
import { generationSchema } from '../generation/index.ts';
import { singingSchema } from '../singing/index.ts';
import { speechSchema } from '../speech/index.ts';
import { JOB_STATES } from './machine.ts';
import { deliverySchema } from './webhooks/schema.ts';

/** The kinds of jobs. */
export const JOB_KINDS = [
  'speech',
  'long_form',
  'dialogue',
  'batch',
  'voice',
  'generation',
  'singing',
  'speech-translation',
] as const;

/** One of {@link JOB_KINDS}. */
export type JobKind = (typeof JOB_KINDS)[number];

/** Limits of a job. */
export const JOB_LIMITS = {
  /** Characters of a long form and of all turns of a dialogue. */
  characters: 100_000,
  turns: 500,
  speakers: 32,
  /** Requests of a batch. */
  lines: 1000,
  /** ms between two turns. */
  pauseMs: 10_000,
  bytes: 1024 * 1024,
} as const;

const webhook = z
  .object({ url: z.string() })
  .optional()
  .openapi({ description: 'URL that is notified when the job has succeeded, failed or been cancelled.' });

const withoutInput = speechSchema.omit({ input: true });
/** A speaker's fields override the request's. */
const speaker = withoutInput.omit({ model: true, response_format: true, audio_format: true }).partial();

const turn = z.object({
  speaker: z.string().openapi({ description: 'One of `speakers`.' }),
  input: z.string().openapi({ description: 'As in a speech request.' }),
  pause_ms: z
    .number()
    .optional()
    .openapi({ description: `Pause after the turn in ms: 0 to ${JOB_LIMITS.pauseMs}; 350 by default.` }),
});

const longInput = z.string().openapi({
  description:
    'Text without SSML. It is split at the ends of paragraphs and sentences, and the audio is joined.',
  maxLength: JOB_LIMITS.characters,
});

/** Body of `POST /v1/jobs`, for the OpenAPI document; request.ts validates it. */
export const newJobSchema = z
  .union([
    z.object({ kind: z.literal('speech'), request: speechSchema, webhook }).openapi('SpeechJob'),
    z
      .object({
        kind: z.literal('long_form'),
        request: withoutInput.extend({ input: longInput }),
        webhook,
      })
      .openapi('LongFormJob'),
    z
      .object({
        kind: z.literal('dialogue'),
        request: withoutInput.openapi({ description: 'Fields shared by all turns.' }),
        speakers: z.record(z.string(), speaker),
        turns: z.array(turn).max(JOB_LIMITS.turns),
        webhook,
      })
      .openapi('DialogueJob'),
    z
      .object({
        kind: z.literal('batch'),
        input: z.string().openapi({
          description:
            'JSONL as in OpenAI’s Batch API. Each line is `{"custom_id", "method": "POST", "url": "/v1/audio/speech", "body"}`.',
        }),
        webhook,
      })
      .openapi('BatchJob'),
    z
      .object({
        kind: z.literal('generation'),
        request: generationSchema.omit({ stream_format: true }),
        webhook,
      })
      .openapi('GenerationJob'),
    z
      .object({
        kind: z.literal('singing'),
        request: singingSchema.openapi({ description: 'The JSON body of `POST /v1/audio/singing`.' }),
        webhook,
      })
      .openapi('SingingJob'),
  ])
  .openapi('NewJob', {
    example: {
      kind: 'long_form',
      request: { model: 'sori-2', voice: 'hazel', input: 'Chapter one. …' },
    },
  });

const seconds = z.number().int().nullable();

/** A job as answered. */
export const jobSchema = z
  .object({
    object: z.literal('job'),
    id: z.string(),
    kind: z.enum(JOB_KINDS),
    state: z.enum(JOB_STATES),
    progress: z
      .object({ done: z.number().int(), total: z.number().int(), part: z.number().optional() })
      .openapi({
        description:
          'Number of steps: pieces of a text, turns, requests of a batch, and steps of joining a long recording. `part` is the share of the running step that is done, for songs, music, sound and translated speech.',
      }),
    retries: z.number().int().openapi({ description: 'Retries after a failure.' }),
    created_at: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    started_at: seconds,
    finished_at: seconds,
    retry_at: seconds.openapi({
      description: 'When a job that waits for an unavailable service is tried again; see `error`.',
    }),
    deadline_at: seconds.openapi({ description: 'When a job that still waits fails.' }),
    expires_at: seconds.openapi({ description: 'When the ended job is deleted.' }),
    webhook: z
      .object({
        url: z.string(),
        deliveries: z.array(deliverySchema).optional().openapi({
          description: 'Past and pending deliveries; only in answers with a single job.',
        }),
      })
      .nullable(),
    result: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        'For audio: `key`, `format`, `url`, `seconds`, `loudness`, `pieces`. For a batch: `output` (the path of its JSONL), `lines`, `failed`. For a voice: `voice` (its id), `url`, `model`, `preview`. For music and sound: as for audio, and `licence`. For translated speech: as for audio, and `output` (the path of JSONL with its segments).',
    }),
    error: z
      .object({ code: z.string(), message: z.string(), param: z.string().nullable() })
      .nullable()
      .openapi({ description: 'Why the job failed; for a waiting job, its last error.' }),
  })
  .openapi('Job');

/** A job as lists have it. */
export const jobRowSchema = jobSchema
  .pick({ object: true, id: true, kind: true, state: true, created_at: true })
  .openapi('JobRow');
