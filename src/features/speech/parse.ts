import type { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { SAMPLE_RATES } from '../../audio/format-names.ts';
import { SoriError } from '../../base/errors.ts';
import { CUE_UNITS } from '../../synthesis/alignment.ts';
import { phonemeText } from '../../text/phoneme-input.ts';
import type { Warning } from '../../text/warnings.ts';
import { directionsIn } from './lenient/instructions.ts';
import { ignored, normalize } from './lenient/normalize.ts';
import { withNotes } from './lenient/notes.ts';
import {
  charactersIn,
  DEFAULTS,
  MAX_INPUT_CHARACTERS,
  PRONUNCIATION_LIMITS,
  RANGES,
  RESPONSE_FORMATS,
  type SpeechBody,
  speechSchema,
} from './schema.ts';

/**
 * Reads a request body as other clients may write it: `null`, names in any case, numbers as strings, formats and directions of other
 * services. What has no effect is noted and reported in `X-Sori-Ignored`, and refused with `strict`.
 * @throws {SoriError} for the first invalid field.
 */
export function parseSpeech(given: unknown): SpeechBody {
  const { body, warnings } = normalize(given);
  const parsed = parseOrNameUnknown(body, warnings);
  const { voice, style } = parsed;
  const named = voice === undefined && style === undefined ? { ...parsed, voice: DEFAULTS.voice } : parsed;
  return directed(named, body as Readonly<Record<string, unknown>>, warnings);
}

/** If a field is missing, its value may be in an unknown field, such as `text`: the error names those. */
function parseOrNameUnknown(body: unknown, warnings: readonly Warning[]): SpeechBody {
  try {
    return parseExactSpeech(body);
  } catch (error) {
    const unknown = warnings.map(({ param }) => param).slice(0, MOST_NAMED);
    const missing = error instanceof SoriError && error.code === 'missing_required_parameter';
    if (!missing || unknown.length === 0) throw error;
    const message = `${error.message} These fields are not known: ${unknown.join(', ')}.`;
    throw new SoriError(error.code, message, { param: error.param ?? undefined, cause: error });
  }
}

/** Most unknown fields that an error names. */
const MOST_NAMED = 5;

/**
 * Validates the fields of a body one by one, as the schema writes them.
 * @throws {SoriError} for the first invalid field.
 */
export function parseExactSpeech(body: unknown): SpeechBody {
  const result = speechSchema.safeParse(body);
  if (result.success) return withPhonemes(result.data);
  throw faultOf(result.error.issues[0], body);
}

/** Follows the directions of `instructions` in the fields that the request leaves out. */
function directed(
  body: SpeechBody,
  given: Readonly<Record<string, unknown>>,
  warnings: readonly Warning[],
): SpeechBody {
  const { instructions } = body;
  if (instructions === undefined || instructions.trim() === '') return withNotes(body, { warnings });
  const directions = directionsIn(instructions);
  if (directions === undefined) {
    const message = 'No word of instructions is known as a direction: the field has no effect.';
    return withNotes(body, { warnings: [...warnings, ignored('instructions', message)] });
  }
  const { emotion, ...numbers } = directions;
  const absent = Object.entries(numbers).filter(([name]) => given[name] === undefined);
  const feels = emotion !== undefined && body.emotion === undefined;
  const followed = { ...Object.fromEntries(absent), ...(feels && { emotion }) };
  const message = `instructions are followed by fixed rules alone: ${JSON.stringify(followed)}.`;
  const note: Warning = { code: 'approximated', message, param: 'instructions' };
  return withNotes(
    { ...body, ...Object.fromEntries(absent) },
    { warnings: [...warnings, note], ...(feels && { emotion }) },
  );
}

/** Phonemes become text with pronunciations, so that later steps need no special case for them. */
function withPhonemes(body: SpeechBody): SpeechBody {
  if (body.input_type !== 'phonemes') return body;
  const input = phonemeText(body.input, body.language);
  if (input.length > MAX_INPUT_CHARACTERS) {
    const message = `input has too many phonemes: some ${Math.round(MAX_INPUT_CHARACTERS / 2.5)} characters fit.`;
    throw new SoriError('string_above_max_length', message, { param: 'input' });
  }
  return { ...body, input, input_type: undefined };
}

/** The expected `typeof` of a field and the words for the error message. */
interface Field {
  readonly types: readonly string[];
  readonly must: string;
}

const range = (field: keyof typeof RANGES, kind = 'number'): Field => ({
  types: ['number'],
  must: `a ${kind} from ${RANGES[field].join(' to ')}`,
});
const oneOf = (names: readonly string[]): Field => ({
  types: ['string'],
  must: `one of ${names.join(', ')}`,
});

const FIELDS: Readonly<Record<string, Field>> = {
  model: { types: ['string'], must: 'a string' },
  input: { types: ['string'], must: `a string of 1 to ${MAX_INPUT_CHARACTERS} characters` },
  voice: {
    types: ['string', 'object'],
    must: 'a name, a mix such as "hazel(2)+clara(1)", an object with a string "id", or an object of names and weights, each from 0 to 1 and in all 1 at most',
  },
  input_type: oneOf(['text', 'phonemes']),
  response_format: oneOf(RESPONSE_FORMATS),
  audio_format: oneOf(AUDIO_FORMATS),
  sample_rate: { types: ['number'], must: `one of ${SAMPLE_RATES.join(', ')}` },
  timestamps: {
    types: ['string', 'object'],
    must: `one of ${CUE_UNITS.join(', ')}, or a list of them`,
  },
  speed: range('speed'),
  pitch: range('pitch'),
  pitch_range: range('pitch_range'),
  energy: range('energy'),
  pauses: range('pauses'),
  loudness: {
    types: ['number', 'string'],
    must: `a number from ${RANGES.loudness.join(' to ')} (LUFS) or off`,
  },
  emotion: {
    types: ['string', 'object'],
    must: 'the name of an emotion, or an object of names and weights, each from 0 to 1 and in all 1 at most',
  },
  style: { types: ['string'], must: 'a style id (sty_…) or a recording as data:audio/…;base64,…' },
  alpha: range('alpha'),
  beta: range('beta'),
  diffusion_steps: range('diffusion_steps', 'whole number'),
  embedding_scale: range('embedding_scale'),
  instructions: { types: ['string'], must: 'a string' },
  stream_format: { types: ['string'], must: 'audio or sse' },
  seed: range('seed', 'whole number'),
  language: { types: ['string'], must: 'a BCP 47 language tag such as en' },
  pronunciations: {
    types: ['object'],
    must: `an object of at most ${PRONUNCIATION_LIMITS.entries} words of up to ${PRONUNCIATION_LIMITS.word} characters, each with its IPA of up to ${PRONUNCIATION_LIMITS.ipa}`,
  },
  refine_steps: range('refine_steps', 'whole number'),
  strict: { types: ['boolean'], must: 'true or false' },
  unreadable: { types: ['string'], must: '`error` or `skip`' },
  degrade: { types: ['boolean'], must: 'true or false' },
};

function faultOf(issue: z.core.$ZodIssue, body: unknown): SoriError {
  if (issue.path.length === 0) return new SoriError('invalid_type', 'The body must be a JSON object.');
  const param = String(issue.path[0]);
  const { types, must } = FIELDS[param];
  const value = (body as Record<string, unknown>)[param];
  if (value === undefined) {
    return new SoriError('missing_required_parameter', `${param} is required: ${must}.`, { param });
  }
  // A number that is no integer, or 1e999, has the right type and a wrong value, although zod reports a type error.
  const code = value !== null && types.includes(typeof value) ? wrongValue(param, value) : 'invalid_type';
  if (code === 'string_above_max_length') {
    const message = `${param} has ${charactersIn(String(value))} characters, and a request takes ${MAX_INPUT_CHARACTERS}: a job (POST /v1/jobs) takes longer texts.`;
    return new SoriError(code, message, { param });
  }
  return new SoriError(code, `${param} must be ${must}.`, { param });
}

function wrongValue(param: string, value: unknown): SoriError['code'] {
  if (param === 'response_format' || param === 'audio_format') return 'unsupported_format';
  if (param === 'pronunciations') return 'invalid_pronunciation';
  if (param === 'style') return 'invalid_style';
  return param === 'input' && value !== '' ? 'string_above_max_length' : 'invalid_value';
}
