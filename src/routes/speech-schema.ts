import { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../audio/format.ts';
import { SoriError } from '../errors.ts';

/** Most characters (Unicode code points, as JSON Schema counts them) of `input`. */
export const MAX_INPUT_CHARACTERS = 4096;
/** Most entries of `pronunciations`, and the longest word and transcription in it. */
export const PRONUNCIATION_LIMITS = { entries: 100, word: 64, ipa: 128 } as const;

const characters = (text: string): number =>
  text.length <= MAX_INPUT_CHARACTERS ? text.length : Array.from(text).length;

/** The body of `POST /v1/audio/speech`: OpenAI's fields, then this service's own. Unknown fields are ignored. */
export const speechSchema = z
  .object({
    model: z.string().openapi({
      description: 'A model of `GET /v1/models`, or one of OpenAI’s names, which means the default model.',
      example: 'sori-1',
    }),
    input: z
      .string()
      .min(1)
      .refine((text) => characters(text) <= MAX_INPUT_CHARACTERS)
      .openapi({
        description:
          'The text to speak. `[Sori](/ˈsɔːɹi/)` gives a word its pronunciation in IPA. Control and bidi characters are dropped.',
        maxLength: MAX_INPUT_CHARACTERS,
        example: 'Your table is ready.',
      }),
    voice: z.union([z.string(), z.object({ id: z.string() })]).openapi({
      description:
        'A voice of `GET /v1/voices` or one of OpenAI’s names (its `openai_names` there), as a string or as `{"id": …}`.',
      example: 'kathleen',
    }),
    response_format: z.enum(AUDIO_FORMATS).default('mp3').openapi({
      description:
        '`opus` is Ogg Opus; `pcm` is 16-bit little-endian at 24 kHz without a header; `mulaw` and `alaw` are G.711 at 8 kHz. All mono.',
    }),
    speed: z.number().min(0.25).max(4).default(1).openapi({ description: '1 is the voice’s own rate.' }),
    instructions: z.string().optional().openapi({
      description: 'Accepted for compatibility and ignored: the model does not take directions in prose.',
    }),
    stream_format: z.enum(['audio', 'sse']).default('audio').openapi({
      description:
        '`audio`: the file itself. `sse`: server-sent events, `speech.audio.delta` with base64 and then `speech.audio.done`.',
    }),
    seed: z.number().int().min(0).max(0xffff_ffff).default(0).openapi({
      description: 'The same request with the same seed gives the same bytes.',
    }),
    language: z.string().optional().openapi({
      description: 'BCP 47; default: the voice’s.',
      example: 'en',
    }),
    pronunciations: z
      .record(
        z.string().min(1).max(PRONUNCIATION_LIMITS.word),
        z.string().min(1).max(PRONUNCIATION_LIMITS.ipa),
      )
      .refine((map) => Object.keys(map).length <= PRONUNCIATION_LIMITS.entries)
      .default({})
      .openapi({
        description: `Words (any case) and their IPA, for this request; at most ${PRONUNCIATION_LIMITS.entries}.`,
        maxProperties: PRONUNCIATION_LIMITS.entries,
        example: { Sori: 'ˈsɔːɹi' },
      }),
    refine_steps: z.number().int().min(0).max(32).optional().openapi({
      description: 'Steps of the mel refiner: 0 turns it off; default: the model’s own.',
    }),
  })
  .openapi('SpeechRequest');

/** A request body that passed {@link parseSpeech}. */
export type SpeechBody = z.infer<typeof speechSchema>;

/**
 * Checks a request body.
 * @throws {SoriError} with the first fault's code and field.
 */
export function parseSpeech(body: unknown): SpeechBody {
  const result = speechSchema.safeParse(body);
  if (result.success) return result.data;
  throw faultOf(result.error.issues[0], body);
}

/** What `typeof` gives for a field of the right kind, and the words for a message. */
const FIELDS: Readonly<Record<string, { types: string[]; must: string }>> = {
  model: { types: ['string'], must: 'a string' },
  input: { types: ['string'], must: `a string of 1 to ${MAX_INPUT_CHARACTERS} characters` },
  voice: { types: ['string', 'object'], must: 'a string, or an object with a string "id"' },
  response_format: { types: ['string'], must: `one of ${AUDIO_FORMATS.join(', ')}` },
  speed: { types: ['number'], must: 'a number from 0.25 to 4' },
  instructions: { types: ['string'], must: 'a string' },
  stream_format: { types: ['string'], must: 'audio or sse' },
  seed: { types: ['number'], must: 'a whole number from 0 to 4294967295' },
  language: { types: ['string'], must: 'a BCP 47 language tag such as en' },
  pronunciations: {
    types: ['object'],
    must: `an object of at most ${PRONUNCIATION_LIMITS.entries} words of up to ${PRONUNCIATION_LIMITS.word} characters, each with its IPA of up to ${PRONUNCIATION_LIMITS.ipa}`,
  },
  refine_steps: { types: ['number'], must: 'a whole number from 0 to 32' },
};

function faultOf(issue: z.core.$ZodIssue, body: unknown): SoriError {
  if (issue.path.length === 0) return new SoriError('invalid_type', 'The body must be a JSON object.');
  const param = String(issue.path[0]);
  const { types, must } = FIELDS[param];
  const value = (body as Record<string, unknown>)[param];
  if (value === undefined) {
    return new SoriError('missing_required_parameter', `${param} is required: ${must}.`, { param });
  }
  // A number that is no integer, or 1e999, has the right type and the wrong value, whatever zod calls it.
  const code = value !== null && types.includes(typeof value) ? wrongValue(param, value) : 'invalid_type';
  return new SoriError(code, `${param} must be ${must}.`, { param });
}

function wrongValue(param: string, value: unknown): SoriError['code'] {
  if (param === 'response_format') return 'unsupported_format';
  if (param === 'pronunciations') return 'invalid_pronunciation';
  return param === 'input' && value !== '' ? 'string_above_max_length' : 'invalid_value';
}
