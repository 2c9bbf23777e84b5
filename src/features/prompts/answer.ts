import { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS, type AudioFormatId } from '../../audio/format.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import { warningSchema } from '../speech/index.ts';
import { type CatalogueEntry, type Editions, isStale } from './catalogue/prompt.ts';
import { promptSchema } from './schema.ts';

const urlsSchema = z
  .partialRecord(z.enum(AUDIO_FORMATS), z.string())
  .openapi({ description: 'Path by format.', example: { mp3: '/audio/6f1e….mp3' } });

/** Audio of a prompt in one locale. */
export const promptAudioSchema = z
  .object({
    key: z.string().openapi({ description: 'Cache key: the permanent name of this audio.' }),
    urls: urlsSchema,
    seconds: z.number(),
    loudness: z.number().nullable().openapi({ description: 'LUFS; null when it is too quiet to measure.' }),
    model: z.string().openapi({ description: 'Model and version.', example: 'sori-2@2.0.0' }),
    voice: z.string().openapi({ description: 'Voices of the audio, or `style`.' }),
  })
  .openapi('PromptAudio');

/** A prompt, as answered by `PUT` and `GET /v1/prompts/{name}`. */
export const promptAnswerSchema = z
  .object({
    object: z.literal('prompt'),
    name: z.string().openapi({ example: 'ivr/table-ready' }),
    version: z.number().int(),
    digest: z.string().openapi({ description: 'Hex SHA-256 of the definition’s canonical form.' }),
    etag: z
      .string()
      .openapi({ description: 'Value for `If-Match`, quotes included.', example: '"3-6f1e0c2a"' }),
    formats: z.array(z.enum(AUDIO_FORMATS)),
    stale: z.boolean().openapi({
      description:
        'Whether the audio was made by an older model or synthesis. PUT the prompt again to renew it.',
    }),
    urls: urlsSchema.openapi({
      description: 'Paths of the current version, by format; empty for a template.',
    }),
    audio: z.record(z.string(), promptAudioSchema).openapi({
      description: 'Audio by locale; `default` is the definition outside `locales`. Empty for a template.',
    }),
    baked_parts: z.number().int().openapi({
      description: 'Number of renderings and shared parts of a template that were made in advance.',
    }),
    warnings: z.array(warningSchema).optional().openapi({
      description:
        'Only in answers to PUT: parts of the texts that have no effect. `param` is the path in the definition.',
    }),
    updated_at: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    deleted_at: z.number().int().nullable(),
    definition: promptSchema.optional().openapi({
      description: 'Without default values. In lists only with `include=definition`.',
    }),
  })
  .openapi('Prompt');

/** A page of prompts. */
export const promptListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(promptAnswerSchema),
    has_more: z.boolean(),
    next: z.string().nullable().openapi({ description: 'Value for `after` of the next page.' }),
  })
  .openapi('PromptList');

/** A prompt as answered. */
export type PromptAnswer = z.infer<typeof promptAnswerSchema>;
/** A page of prompts as answered. */
export type PromptListAnswer = z.infer<typeof promptListSchema>;

/** Paths of an audio object in some formats. */
export function audioUrls(key: string, formats: readonly AudioFormatId[]) {
  return Object.fromEntries(formats.map((format) => [format, `/audio/${key}.${format}`]));
}

/** Paths of a prompt's current version. */
export function promptUrls(name: string, formats: readonly AudioFormatId[]) {
  return Object.fromEntries(formats.map((format) => [format, `/prompts/${name}.${format}`]));
}

/** Converts a prompt of the catalogue to its JSON. */
export function promptAnswer(prompt: CatalogueEntry, editions: Editions): PromptAnswer {
  const { name, version, digest, etag, definition, formats, variants } = prompt;
  const spoken = variants.flatMap(({ locale, audio }) => (audio ? [{ locale, audio }] : []));
  const audio = spoken.map(({ locale, audio: { key, samples, loudness, spoken: model, voice } }) => {
    const seconds = Math.round((samples / SAMPLE_RATE) * 1000) / 1000;
    return [locale, { key, urls: audioUrls(key, formats), seconds, loudness, model, voice }] as const;
  });
  return {
    object: 'prompt',
    name,
    version,
    digest,
    etag,
    formats: [...formats],
    stale: isStale(prompt, editions),
    urls: spoken.length > 0 ? promptUrls(name, formats) : {},
    audio: Object.fromEntries(audio),
    baked_parts: variants.reduce((sum, { parts }) => sum + parts, 0),
    updated_at: Math.floor((version === prompt.current ? prompt.updated : prompt.created).getTime() / 1000),
    deleted_at: prompt.deleted && Math.floor(prompt.deleted.getTime() / 1000),
    // Stored definitions were validated by this schema.
    ...(definition && { definition: definition as PromptAnswer['definition'] }),
  };
}
