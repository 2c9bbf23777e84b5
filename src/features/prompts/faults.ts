import type { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import { canonicalLanguageTag } from '../../base/language-tag.ts';
import { lenient } from '../../http/bodies/lenient.ts';
import { checkSpeech, MAX_INPUT_CHARACTERS, parseExactSpeech } from '../speech/index.ts';
import { type PromptDefinition, RENDERINGS, SLOT_KINDS } from './catalogue/definition.ts';
import { CONTROL_NAMES, isLocale, PROMPT_LIMITS, promptSchema, TEXT_NAMES } from './schema.ts';
import { promptVariants } from './variants.ts';

const LIMITS = PROMPT_LIMITS;

/** Requirements of a prompt's own fields, for messages; shared fields use those of speech requests. */
const MUST: Readonly<Record<string, string>> = {
  template: `a string of 1 to ${MAX_INPUT_CHARACTERS} characters`,
  slots: `an object of at most ${LIMITS.slots} slots' names (up to ${LIMITS.slotName} characters) and what is to be baked ahead of each`,
  formats: `a list of at least one of ${AUDIO_FORMATS.join(', ')}, each once`,
  locales: `an object of at most ${LIMITS.locales} BCP 47 tags, each with an object of what it changes`,
  render: RENDERINGS.join(' or '),
  description: `a string of at most ${LIMITS.description} characters`,
  tags: `a list of at most ${LIMITS.tags} strings of 1 to ${LIMITS.tag} characters, each once`,
};
const SLOT_MUST = `{"values": [up to ${LIMITS.values} strings of up to ${LIMITS.slotValue} characters, or numbers]}, {"range": [from, to]} of at most ${LIMITS.values} whole numbers, or {"kind": one of ${SLOT_KINDS.map((kind) => `"${kind}"`).join(', ')}}`;

type Path = readonly PropertyKey[];

/**
 * Validates a prompt's definition: each field, then their combination. Names of models, voices, emotions and
 * languages, and the syntax of templates, are validated later.
 * @throws {SoriError} with the first fault's code; `param` is the path to it, such as `locales.en-AU.speed`.
 */
export function parsePrompt(given: unknown): PromptDefinition {
  const body = lenient(promptSchema, given);
  const result = promptSchema.safeParse(body);
  if (!result.success) throw faultOf(result.error.issues[0], body);
  const definition: PromptDefinition = result.data;
  checkTexts(definition, []);
  for (const [locale, overrides] of Object.entries(definition.locales ?? {})) {
    checkOverrides(definition, overrides, ['locales', locale]);
  }
  for (const { locale, path, text, body } of promptVariants(definition)) {
    if (body.style?.startsWith('data:')) {
      const message = 'must be a style id (sty_…) of POST /v1/styles';
      throw fault('invalid_style', [...path, 'style'], message);
    }
    relocated(path, () => checkSpeech({ ...body, input: text }), locale);
  }
  return definition;
}

function checkTexts({ input, template, slots, render }: PromptDefinition, path: Path): void {
  if (input !== undefined && template !== undefined) {
    throw conflict([...path, 'template'], 'cannot be combined with input: a prompt has one of them');
  }
  if (input === undefined && template === undefined) {
    const message = 'A prompt needs input, the text to say, or template, a text with slots.';
    throw new SoriError('missing_required_parameter', message, { param: 'input' });
  }
  if (template !== undefined) return;
  if (slots !== undefined) throw conflict([...path, 'slots'], 'belongs to a template, and this is an input');
  if (render === 'joined') throw conflict(['render'], 'is about templates, and this is an input');
}

function checkOverrides(definition: PromptDefinition, overrides: PromptDefinition, path: Path): void {
  const isTemplate = definition.template !== undefined;
  const [own, other] = isTemplate ? (['template', 'input'] as const) : (['input', 'template'] as const);
  if (overrides[other] !== undefined) {
    throw conflict([...path, other], `is not allowed here: outside locales, the prompt has ${own}`);
  }
  if (!isTemplate && overrides.slots !== undefined) {
    throw conflict([...path, 'slots'], 'belongs to a template, and this prompt has input');
  }
}

function faultOf(issue: z.core.$ZodIssue, body: unknown): SoriError {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return unknownField([...path, issue.keys[0]]);
  if (path.length === 0) return new SoriError('invalid_type', 'A prompt must be a JSON object.');
  const [first, second] = path;
  if (first !== 'locales') return faultOfField(path, 0, body);
  if (second === undefined) return faultOfLocales(body);
  if (path.length === 2) {
    return fault('invalid_type', path, 'must be an object of what this locale changes');
  }
  return faultOfField(path, 2, body);
}

function faultOfLocales(body: unknown): SoriError {
  const { locales } = body as { locales: unknown };
  const isObject = typeof locales === 'object' && locales !== null && !Array.isArray(locales);
  const wrong = isObject ? Object.keys(locales).find((tag) => !isLocale(tag)) : undefined;
  if (wrong === undefined) {
    return fault(isObject ? 'invalid_value' : 'invalid_type', ['locales'], `must be ${MUST.locales}`);
  }
  const right = canonicalTag(wrong);
  return fault(
    'invalid_value',
    ['locales', wrong],
    `is not a BCP 47 tag such as en-AU${right && `: write ${right}`}`,
  );
}

function canonicalTag(tag: string): string {
  return tag === 'default' ? '' : (canonicalLanguageTag(tag) ?? '');
}

/** @param at index in `path` of the field's name. */
function faultOfField(path: Path, at: number, body: unknown): SoriError {
  const field = String(path[at]);
  const where = path.slice(0, at + 1);
  if (field === 'slots' && path.length > at + 1) {
    return fault('invalid_value', path.slice(0, at + 2), `must be ${SLOT_MUST}`);
  }
  const value = where.reduce<unknown>((whole, key) => (whole as Record<PropertyKey, unknown>)[key], body);
  if (Object.hasOwn(MUST, field)) {
    const code = field === 'formats' ? 'unsupported_format' : 'invalid_value';
    return fault(
      Array.isArray(value) || field !== 'formats' ? code : 'invalid_type',
      where,
      `must be ${MUST[field]}`,
    );
  }
  // Use the words of speech requests for shared fields.
  return relocated(path.slice(0, at), () => {
    parseExactSpeech({ model: 'sori-2', input: '.', [field]: value });
    return fault('invalid_value', where, 'is not what it must be');
  });
}

function unknownField(path: Path): SoriError {
  const inLocale = path[0] === 'locales' && path.length === 3;
  const inSlot = path.at(-3) === 'slots';
  if (inSlot) return fault('invalid_value', path.slice(0, -1), `must be ${SLOT_MUST}`);
  const known = [...TEXT_NAMES, ...CONTROL_NAMES, ...(inLocale ? [] : OWN_NAMES)];
  const message = `is not a field of ${inLocale ? 'a locale' : 'a prompt'}; the fields are ${known.join(', ')}`;
  return fault('invalid_value', path, message);
}

const OWN_NAMES = ['formats', 'locales', 'render', 'description', 'tags'];

function fault(code: SoriError['code'], path: Path, message: string): SoriError {
  const param = path.map(String).join('.');
  return new SoriError(code, `${param} ${message}.`, { param });
}

const conflict = (path: Path, message: string) => fault('conflicting_parameters', path, message);

/** Runs a validation of speech requests and names the field by its path in the definition. */
export function relocated<Result>(path: Path, check: () => Result, locale?: string): Result {
  try {
    return check();
  } catch (error) {
    throw relocatedFault(error, path, locale);
  }
}

/** Converts an error of a speech request to an error of the definition. */
export function relocatedFault(error: unknown, path: Path, locale?: string): unknown {
  if (!(error instanceof SoriError) || error.param === null || path.length === 0) return error;
  const param = [...path, error.param].map(String).join('.');
  const about = locale ?? String(path.at(-1));
  const message = error.message.startsWith(error.param)
    ? param + error.message.slice(error.param.length)
    : `In ${about}: ${error.message}`;
  return new SoriError(error.code, message, { param, cause: error.cause });
}
