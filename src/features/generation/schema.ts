import { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS, type AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import { namedFormat } from '../../http/audio-format.ts';
import { lenient } from '../../http/bodies/lenient.ts';

/** Longest sound in seconds; a model may have a lower limit. */
export const MAX_GENERATED_SECONDS = 300;
const MAX_PROMPT = 1000;

/** The body of `POST /v1/audio/generations`. */
export const generationSchema = z
  .strictObject({
    model: z.string().optional().openapi({
      description: 'A model of task `generation` of `GET /v1/models`; default: the first.',
    }),
    prompt: z.string().min(1).max(MAX_PROMPT).openapi({ description: 'Description of the sound.' }),
    seconds: z.number().min(0.1).max(MAX_GENERATED_SECONDS).default(8).openapi({
      description: 'Length in seconds; a model may have a lower limit.',
    }),
    seed: z.number().int().min(0).max(0xffff_ffff).default(0).openapi({
      description: 'The same request with the same seed gives the same sound.',
    }),
    guidance: z
      .number()
      .min(1)
      .max(20)
      .default(3)
      .openapi({ description: 'How closely the prompt is followed.' }),
    temperature: z.number().min(0).max(2).default(1).openapi({
      description: '0 always takes the most likely code.',
    }),
    top_k: z.number().int().min(1).max(10_000).default(250).openapi({
      description: 'Number of most likely codes from which each step draws.',
    }),
    response_format: namedFormat(z.enum(AUDIO_FORMATS)).default('mp3'),
    stream_format: z.enum(['audio', 'sse']).optional().openapi({
      description:
        '`audio` answers with the sound when it is complete, `sse` with progress events and then the sound. Default: the answer is a job.',
    }),
  })
  .openapi('Generation', { example: { prompt: 'calm piano, rain outside', seconds: 8, seed: 7 } });

/** A checked body. */
export type GenerationBody = z.infer<typeof generationSchema> & { readonly response_format: AudioFormatId };

/**
 * Checks a body.
 * @throws {SoriError} for the first invalid field; `unsupported_parameter` for a melody.
 */
export function parseGeneration(given: unknown): GenerationBody {
  const { melody, ...rest } = (given ?? {}) as { readonly melody?: unknown };
  const body = lenient(generationSchema, melody === null ? rest : given);
  if (melody !== undefined && melody !== null) {
    const message = 'No driver of this version takes a melody: leave it out, and describe it in prompt.';
    throw new SoriError('unsupported_parameter', message, { param: 'melody' });
  }
  const { data, error } = generationSchema.safeParse(body);
  if (data) return data;
  const [issue] = error.issues;
  const param = issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path.join('.');
  if (param === '') throw new SoriError('invalid_type', 'The body must be a JSON object.');
  const value = (body as Record<string, unknown>)[param];
  if (value === undefined) {
    throw new SoriError('missing_required_parameter', `${param} is required.`, { param });
  }
  if (issue.code === 'unrecognized_keys') {
    throw new SoriError('invalid_value', `There is no field ${JSON.stringify(param).slice(0, 64)}.`, {
      param,
    });
  }
  const code =
    param === 'response_format'
      ? 'unsupported_format'
      : issue.code === 'invalid_type'
        ? 'invalid_type'
        : 'invalid_value';
  throw new SoriError(code, `${param}: ${issue.message.replace(/^Invalid input: /, '')}.`, { param });
}
