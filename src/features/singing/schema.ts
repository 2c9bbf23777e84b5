import { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { namedFormat } from '../../http/audio-format.ts';
import { EXPRESSION_RANGES, type Expression, USUAL_EXPRESSION } from '../../synthesis/singing/expression.ts';
import { DEFAULTS } from '../speech/index.ts';
import { SCORE_FORMATS, type ScoreFormat } from './score/read.ts';

/** Units of timestamps. */
export const SINGING_UNITS = ['note', 'syllable'] as const;
/** One of {@link SINGING_UNITS}. */
export type SingingUnit = (typeof SINGING_UNITS)[number];

/** Level in dB of breaths where a request states none. */
export const USUAL_BREATHS = -22;
/** Factor on the usual expression where a request states none. */
export const USUAL_AMOUNT = 1;

const amount = (name: keyof Expression, what: string) =>
  z
    .number()
    .min(EXPRESSION_RANGES[name][0])
    .max(EXPRESSION_RANGES[name][1])
    .optional()
    .openapi({ description: `${what} Default: ${USUAL_EXPRESSION[name]} times \`expression\`.` });

const fixed = (name: 'vibratoRate' | 'vibratoDelay', what: string) =>
  z
    .number()
    .min(EXPRESSION_RANGES[name][0])
    .max(EXPRESSION_RANGES[name][1])
    .optional()
    .openapi({ description: `${what} Default: ${USUAL_EXPRESSION[name]}.` });

const level = (least: number, most: number) => z.union([z.number().min(least).max(most), z.literal('off')]);

const weights = () =>
  z
    .record(z.string().min(1).max(64), z.number().min(0).max(1))
    .refine((map) => Object.keys(map).length > 0, { error: 'expected at least one name' })
    .refine((map) => Object.values(map).reduce((sum, weight) => sum + weight, 0) <= 1 + 1e-6, {
      error: 'the weights may sum to 1 at most',
    });

/** The body of `POST /v1/audio/singing`. */
export const singingSchema = z
  .object({
    model: z.string().default(DEFAULTS.model).openapi({
      description: 'A model of `GET /v1/models`, or one of OpenAI’s names, which means the default model.',
      example: 'sori-2',
    }),
    score: z.unknown().optional().openapi({
      description: 'The score as JSON: `Score`. Give this or `score_file`.',
      type: 'object',
    }),
    score_file: z
      .object({
        data: z.string().max(12_000_000).openapi({ format: 'byte', description: 'The file in base64.' }),
        format: z
          .enum(Object.keys(SCORE_FORMATS) as [ScoreFormat, ...ScoreFormat[]])
          .optional()
          .openapi({ description: 'Default: detected from the first bytes of the file.' }),
      })
      .optional()
      .openapi({
        description:
          'A score file: MusicXML (also compressed), MIDI with lyrics, DiffSinger `.ds`, OpenUtau `.ustx`.',
      }),
    voice: z
      .union([z.string(), z.object({ id: z.string() }), weights()])
      .optional()
      .openapi({
        description:
          'As in `POST /v1/audio/speech`. A part of the score may have its own voice. Required unless `style` is given.',
        example: 'hazel',
      }),
    style: z
      .string()
      .regex(/^sty_/)
      .optional()
      .openapi({ description: 'A style id of `POST /v1/styles`, which replaces the voice.' }),
    language: z
      .string()
      .max(35)
      .optional()
      .openapi({ description: 'BCP 47 tag of the lyrics; default: the language of the voice.' }),
    response_format: namedFormat(z.enum([...AUDIO_FORMATS, 'json'])).default('mp3'),
    audio_format: namedFormat(z.enum(AUDIO_FORMATS))
      .optional()
      .openapi({ description: 'Format of the audio in a `json` answer; default `mp3`.' }),
    timestamps: z
      .array(z.enum(SINGING_UNITS))
      .min(1)
      .max(SINGING_UNITS.length)
      .optional()
      .openapi({ description: 'Units whose times are returned in `json`.' }),
    expression: z.number().min(0).max(2).default(USUAL_AMOUNT).openapi({
      description: 'Factor on the fields of expression below; 0 sings the notes exactly.',
    }),
    portamento: amount('portamento', 'Milliseconds of the glide between notes.'),
    vibrato_depth: amount('vibratoDepth', 'Cents of vibrato above and below the note.'),
    vibrato_rate: fixed('vibratoRate', 'Cycles per second of the vibrato.'),
    vibrato_delay: fixed('vibratoDelay', 'Seconds of steady note before the vibrato.'),
    preparation: amount('preparation', 'Cents of the dip before a leap.'),
    overshoot: amount('overshoot', 'Cents by which the pitch exceeds the note after a leap.'),
    jitter: amount('jitter', 'Cents of random variation of the pitch (standard deviation).'),
    breaths: level(-60, 0)
      .default(USUAL_BREATHS)
      .openapi({ description: 'Level of breaths in dB, or `off`.' }),
    transpose: z
      .union([z.number().int().min(-24).max(24), z.literal('auto')])
      .default(0)
      .openapi({
        description:
          'Semitones by which the score is shifted. `auto` finds the shift that brings all parts into the range of their voices, by octaves if possible.',
      }),
    lead_in: z.number().min(0).max(30).optional().openapi({
      description:
        'Seconds of audio before the first beat; default: what the first consonants need, at most 0.25.',
    }),
    energy: z.number().min(-24).max(12).default(0).openapi({ description: 'Gain on the voices in dB.' }),
    emotion: z
      .union([z.string().min(1), weights()])
      .optional()
      .openapi({
        description: 'As in `POST /v1/audio/speech`. Notes of the score may change it.',
      }),
    click: level(-60, 0)
      .default('off')
      .openapi({ description: 'Level in dB of a click on every beat, or `off`.' }),
    accompaniment: z
      .string()
      .max(24_000_000)
      .regex(/^data:(?:audio|video)\/[^,]*;base64,/)
      .optional()
      .openapi({
        description:
          'A recording to mix in, which starts with the score, as `data:audio/wav;base64,…` (also FLAC, MP3, M4A, AAC, WebM or Ogg). In a form it is the file `accompaniment`.',
      }),
    accompaniment_gain: z
      .number()
      .min(-40)
      .max(12)
      .default(-6)
      .openapi({ description: 'Gain of the accompaniment in dB.' }),
    loudness: z
      .number()
      .min(-40)
      .max(-8)
      .optional()
      .openapi({ description: 'Integrated loudness in LUFS (EBU R 128) to bring the audio to.' }),
    pronunciations: z
      .record(z.string().min(1).max(64), z.string().min(1).max(128))
      .refine((map) => Object.keys(map).length <= 100, { error: 'expected at most 100 words' })
      .default({})
      .openapi({ description: 'Words (any case) and their IPA.' }),
    seed: z.number().int().min(0).max(0xffff_ffff).default(0).openapi({
      description: 'The same request with the same seed gives the same bytes.',
    }),
    strict: z.boolean().default(false).openapi({
      description: 'Refuses unknown fields, which `X-Sori-Ignored` lists otherwise.',
    }),
  })
  .openapi('SingingRequest');

/** A validated request to sing. Its fields are not checked against each other. */
export type SingingBody = z.infer<typeof singingSchema>;
