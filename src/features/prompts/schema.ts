import { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { canonicalLanguageTag } from '../../base/language-tag.ts';
import { namedFormat } from '../../http/audio-format.ts';
import { MAX_INPUT_CHARACTERS, speechSchema } from '../speech/index.ts';
import { DEFAULT_LOCALE, DEFINITION_DEFAULTS, RENDERINGS, SLOT_KINDS } from './catalogue/definition.ts';

/** Limits of a prompt's definition. */
export const PROMPT_LIMITS = {
  formats: AUDIO_FORMATS.length,
  locales: 50,
  slots: 16,
  /** Most values of a slot that are baked ahead. */
  values: 500,
  /** Longest slot name and value, in characters. */
  slotName: 64,
  slotValue: 256,
  description: 1000,
  tags: 20,
  tag: 64,
} as const;

/** Fields of a speech request that concern the answer and not the speech. */
const OF_ONE_ANSWER = {
  response_format: true,
  audio_format: true,
  sample_rate: true,
  timestamps: true,
  stream_format: true,
  instructions: true,
  input_type: true,
  degrade: true,
  input: true,
} as const;

const speechControls = speechSchema.omit(OF_ONE_ANSWER).shape;

type Optional<Field extends z.ZodType> = Field extends z.ZodOptional
  ? Field
  : Field extends z.ZodDefault<infer Bare extends z.ZodType>
    ? z.ZodOptional<Bare>
    : z.ZodOptional<Field>;

/** Names of the fields that control how speech sounds, as in a speech request. */
export const CONTROL_NAMES: readonly string[] = Object.keys(speechControls);
/** Names of the fields with the text. */
export const TEXT_NAMES: readonly string[] = ['input', 'template', 'slots'];

/** The fields of a speech request that control the sound, without their defaults, because a locale inherits absent fields. */
const controls = Object.fromEntries(
  Object.entries(speechControls).map(([name, field]) => [name, withoutDefault(name, field)]),
) as unknown as { [Name in keyof typeof speechControls]: Optional<(typeof speechControls)[Name]> };

function withoutDefault(name: string, field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodOptional) return field;
  const bare = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
  const preset = DEFINITION_DEFAULTS[name as keyof typeof DEFINITION_DEFAULTS];
  const description = `As in a SpeechRequest; default ${JSON.stringify(preset)}.`;
  return bare.optional().openapi({ description });
}

const slotValue = z.union([z.string().min(1).max(PROMPT_LIMITS.slotValue), z.number()]);

const slotSchema = z
  .union([
    z.strictObject({ values: z.array(slotValue).min(1).max(PROMPT_LIMITS.values) }),
    z.strictObject({
      range: z
        .tuple([z.int(), z.int()])
        .refine(([from, to]) => from <= to && to - from < PROMPT_LIMITS.values),
    }),
    z.strictObject({ kind: z.enum(SLOT_KINDS) }),
  ])
  .openapi('PromptSlot', {
    description: 'Values of a slot whose audio is made in advance.',
    example: { range: [1, 20] },
  });

const textFields = {
  input: speechSchema.shape.input.optional().openapi({
    description: 'The text; SSML if it starts with `<speak`.',
    maxLength: MAX_INPUT_CHARACTERS,
  }),
  template: z.string().min(1).max(MAX_INPUT_CHARACTERS).optional().openapi({
    description: 'A template in ICU MessageFormat, instead of `input`.',
    example: 'Your table for {count, number} is ready, {name}.',
  }),
  slots: z
    .record(z.string().min(1).max(PROMPT_LIMITS.slotName), slotSchema)
    .refine((slots) => Object.keys(slots).length <= PROMPT_LIMITS.slots)
    .optional()
    .openapi({ description: 'Slots of a template, with the values whose audio is made in advance.' }),
};

const distinct = (list: readonly unknown[]) => new Set(list).size === list.length;

/** Whether text is a BCP 47 tag in canonical case, so that no two spellings of a tag exist. */
export function isLocale(tag: string): boolean {
  return tag !== DEFAULT_LOCALE && canonicalLanguageTag(tag) === tag;
}

/** The body of `PUT /v1/prompts/{name}`, and an entry of a prompts file. Unknown fields are rejected, because they are probably misspelt. */
export const promptSchema = z
  .strictObject({
    ...textFields,
    ...controls,
    formats: z
      .array(namedFormat(z.enum(AUDIO_FORMATS)))
      .min(1)
      .refine(distinct)
      .optional()
      .openapi({ description: 'Formats to make; default `["mp3"]`.', example: ['mp3', 'opus'] }),
    locales: z
      .record(z.string(), z.strictObject({ ...textFields, ...controls }))
      .refine((locales) => Object.keys(locales).length <= PROMPT_LIMITS.locales)
      .refine((locales) => Object.keys(locales).every(isLocale))
      .optional()
      .openapi({
        description:
          'Variants by BCP 47 tag, each with the fields that differ. The tag is also the `language`.',
        example: { 'en-GB': { voice: 'clara' } },
      }),
    render: z.enum(RENDERINGS).optional().openapi({
      description:
        'For a template: `whole` (default) synthesizes each rendering; `joined` joins parts that were made in advance.',
    }),
    description: z
      .string()
      .max(PROMPT_LIMITS.description)
      .optional()
      .openapi({ description: 'A note for readers of the catalogue; not spoken.' }),
    tags: z
      .array(z.string().min(1).max(PROMPT_LIMITS.tag))
      .max(PROMPT_LIMITS.tags)
      .refine(distinct)
      .optional()
      .openapi({ description: 'Tags for searching.', example: ['ivr'] }),
  })
  .openapi('PromptDefinition', {
    example: { input: 'Your table is ready.', voice: 'hazel', formats: ['mp3', 'opus'], tags: ['ivr'] },
  });
