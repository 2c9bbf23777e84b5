import { z } from '@hono/zod-openapi';
import { speechSchema } from '../speech/index.ts';
import { JOB_STATES } from './machine.ts';
import { deliverySchema } from './webhooks/schema.ts';

/** What a job may be. */
export const JOB_KINDS = ['speech', 'long_form', 'dialogue', 'batch', 'voice'] as const;

/** One of {@link JOB_KINDS}. */
export type JobKind = (typeof JOB_KINDS)[number];

/** How much a job may hold. */
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
  .openapi({ description: 'Where to tell when the job has succeeded, failed or been cancelled.' });

const withoutInput = speechSchema.omit({ input: true });
/** A speaker's own fields take the place of the request's. */
const speaker = withoutInput.omit({ model: true, response_format: true, audio_format: true }).partial();

const turn = z.object({
  speaker: z.string().openapi({ description: 'One of `speakers`.' }),
  input: z.string().openapi({ description: 'As of a speech request.' }),
  pause_ms: z
    .number()
    .optional()
    .openapi({ description: `Behind the turn: 0 to ${JOB_LIMITS.pauseMs}; 350 by default.` }),
});

const longInput = z.string().openapi({
  description: 'Text without SSML. It is cut at the ends of paragraphs and sentences and joined again.',
  maxLength: JOB_LIMITS.characters,
});

/** Body of `POST /v1/jobs`, for the documents: `jobs-request.ts` reads it. */
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
        request: withoutInput.openapi({ description: 'What all turns have in common.' }),
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
            'JSONL as OpenAI’s Batch API has it: `{"custom_id", "method": "POST", "url": "/v1/audio/speech", "body"}` a line.',
        }),
        webhook,
      })
      .openapi('BatchJob'),
  ])
  .openapi('NewJob', {
    example: {
      kind: 'long_form',
      request: { model: 'sori-1', voice: 'kathleen', input: 'Chapter one. …' },
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
    progress: z.object({ done: z.number().int(), total: z.number().int() }).openapi({
      description:
        'Steps: pieces of a text, turns, requests of a batch; where a recording is long, those of joining it too.',
    }),
    retries: z.number().int().openapi({ description: 'How often it was tried again after it had failed.' }),
    created_at: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    started_at: seconds,
    finished_at: seconds,
    retry_at: seconds.openapi({
      description: 'When it is tried again, of one that waits for what is away; `error` says what.',
    }),
    deadline_at: seconds.openapi({ description: 'Until when it waits for that, and then fails.' }),
    expires_at: seconds.openapi({ description: 'When it is deleted, of one that has ended.' }),
    webhook: z
      .object({
        url: z.string(),
        deliveries: z.array(deliverySchema).optional().openapi({
          description: 'What was told it, or is to be; only where a single job is asked for.',
        }),
      })
      .nullable(),
    result: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        'Of audio: `key`, `format`, `url`, `seconds`, `loudness`, `pieces`. Of a batch: `output` (the path of its JSONL), `lines`, `failed`. Of a voice: `voice` (its id), `url`, `model`, `preview`.',
    }),
    error: z
      .object({ code: z.string(), message: z.string(), param: z.string().nullable() })
      .nullable()
      .openapi({ description: 'Why it failed; of one that waits, why it did not work the last time.' }),
  })
  .openapi('Job');

/** A job as lists have it. */
export const jobRowSchema = jobSchema
  .pick({ object: true, id: true, kind: true, state: true, created_at: true })
  .openapi('JobRow');
