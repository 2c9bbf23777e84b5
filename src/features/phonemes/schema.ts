import { z } from '@hono/zod-openapi';
import { isLanguageTag } from '../../base/language-tag.ts';
import { WARNING_CODES } from '../../text/warnings.ts';
import { MAX_INPUT_CHARACTERS, speechSchema } from '../speech/index.ts';

/** The body of `POST /v1/audio/phonemes`. A body of `POST /v1/audio/speech` works. */
export const phonemesSchema = z
  .object({
    model: z.string().optional().openapi({ description: 'Default: the first of `GET /v1/models`.' }),
    input: z
      .string()
      .min(1)
      .refine((text) => Array.from(text).length <= MAX_INPUT_CHARACTERS)
      .openapi({
        description: 'The text to read; SSML if it starts with `<speak`.',
        maxLength: MAX_INPUT_CHARACTERS,
        example: 'Dr. Lee paid $5.',
      }),
    language: z.string().refine(isLanguageTag).optional().openapi({
      description: 'BCP 47 tag. Default: the language of `voice`, else English. Hangul is always Korean.',
    }),
    voice: speechSchema.shape.voice.openapi({
      description: 'Used for its language only, if `language` is absent.',
    }),
    pronunciations: speechSchema.shape.pronunciations,
    strict: z.boolean().default(false).openapi({
      description: '`true` makes an error (400) of unknown fields and of the first warning.',
    }),
  })
  .openapi('PhonemesRequest');

/** Validated body of `POST /v1/audio/phonemes`. */
export type PhonemesBody = z.infer<typeof phonemesSchema>;

const wordSchema = z.object({
  text: z.string().openapi({ description: 'The spoken word.' }),
  source: z.string().openapi({ description: 'The text that is read as this word.' }),
  start: z.number().int().openapi({ description: 'Offset of `source` in `input`, in UTF-16 code units.' }),
  end: z.number().int(),
  rule: z.string().openapi({ description: 'The normalization rule that read it.', example: 'money' }),
  from: z.string().openapi({
    description:
      'Source of the phonemes: `dictionary`, `derived` (from known parts), `heteronym` (chosen by neighbouring words), `fallback` (letter-to-sound model), `spelled`, `letter`, `override` (`pronunciations`) or `ipa` (in the text).',
    example: 'dictionary',
  }),
  language: z.string().openapi({ description: 'BCP 47 tag of the language that reads it.', example: 'ko' }),
  phonemes: z.string().openapi({ description: 'IPA. Stress marks come before their vowel.' }),
  pause: z.string().optional().openapi({ description: 'The pause mark that follows.' }),
  boundary: z
    .string()
    .optional()
    .openapi({ description: '`|`: a new accentual phrase of Korean follows without a pause.' }),
});

/** Answer of `POST /v1/audio/phonemes`. */
export const readingSchema = z
  .object({
    object: z.literal('phonemes'),
    model: z.string().openapi({ description: 'Model and version.', example: 'sori-2@2.0.0' }),
    language: z.string().openapi({
      description: '`language` of the request, else the language of its voice, else that of most words.',
    }),
    normalized: z.string().openapi({ description: 'The spoken words with their pauses.' }),
    phonemes: z.string().openapi({
      description: 'All phonemes; usable as `input` of speech with `input_type: "phonemes"`.',
    }),
    sentences: z.array(z.object({ words: z.array(wordSchema) })),
    warnings: z.array(
      z.object({
        code: z.enum(WARNING_CODES),
        message: z.string(),
        param: z.string(),
        position: z
          .object({ offset: z.number().int(), line: z.number().int(), column: z.number().int() })
          .optional(),
      }),
    ),
  })
  .openapi('Phonemes');
