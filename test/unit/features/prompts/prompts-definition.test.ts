import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoriError } from '../../../../src/base/errors.ts';
import {
  canonicalDefinition,
  checkPromptName,
  DEFINITION_DEFAULTS,
  definitionDigest,
  type PromptDefinition,
} from '../../../../src/features/prompts/catalogue/definition.ts';
import { parsePrompt } from '../../../../src/features/prompts/faults.ts';
import { PROMPT_LIMITS, promptSchema } from '../../../../src/features/prompts/schema.ts';
import { MAX_RENDERINGS } from '../../../../src/features/prompts/templates/slot-values.ts';
import { MAX_VALUE_CHARACTERS } from '../../../../src/features/prompts/templates/values.ts';
import { bestLocale, promptVariant, promptVariants } from '../../../../src/features/prompts/variants.ts';
import { speechSchema } from '../../../../src/features/speech/schema.ts';

const PLAIN = { input: 'Your table is ready.', voice: 'kathleen' };

describe('a digest', () => {
  const digestOf = (definition: PromptDefinition) => definitionDigest(parsePrompt(definition));

  it('is the same for equivalent definitions', async () => {
    const digest = await digestOf(PLAIN);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const same: PromptDefinition[] = [
      { voice: 'kathleen', input: 'Your table is ready.' },
      { ...PLAIN, voice: { id: 'kathleen' } },
      { ...PLAIN, ...DEFINITION_DEFAULTS, slots: undefined, formats: ['mp3'] },
    ];
    for (const definition of same) expect(await digestOf(definition)).toBe(digest);
    expect(await digestOf({ ...PLAIN, formats: ['wav', 'mp3'], tags: ['b', 'a'] })).toBe(
      await digestOf({ tags: ['a', 'b'], formats: ['mp3', 'wav'], ...PLAIN }),
    );
  });

  it('differs for different definitions', async () => {
    const others: PromptDefinition[] = [
      PLAIN,
      { ...PLAIN, input: 'Your table is ready!' },
      { ...PLAIN, speed: 1.1 },
      { ...PLAIN, seed: 1 },
      { ...PLAIN, formats: ['wav'] },
      { ...PLAIN, description: 'Said at the door.' },
      { ...PLAIN, locales: { 'en-AU': {} } },
      { ...PLAIN, locales: { 'en-AU': { speed: 1 } } },
      { template: PLAIN.input, voice: 'kathleen' },
      { template: PLAIN.input, voice: 'kathleen', render: 'joined' },
    ];
    const digests = await Promise.all(others.map(digestOf));
    expect(new Set(digests).size).toBe(others.length);
  });

  it('never changes: files and servers of different versions compare it', async () => {
    expect(await digestOf(PLAIN)).toBe('abda9f766bc63d61879fbdfed88b8c119803e0cc3f7114241796384bad512d8f');
    expect(canonicalDefinition({ ...PLAIN, speed: 1, tags: [], locales: {} })).toEqual(PLAIN);
  });

  it('treats every default of a speech request as absent', () => {
    for (const [name, field] of Object.entries(speechSchema.shape)) {
      // A prompt stores the name of a model, because what an OpenAI name refers to may change.
      if (!(name in promptSchema.shape) || name === 'model') continue;
      const preset = field.safeParse(undefined).data;
      if (preset !== undefined) expect(DEFINITION_DEFAULTS).toHaveProperty(name, preset);
    }
  });

  it('does not depend on the order of fields', async () => {
    const definition = {
      ...PLAIN,
      speed: 2,
      tags: ['x'],
      locales: { en: { speed: 1 }, ko: { input: '네' } },
    };
    const entries = Object.entries(definition);
    const orders = fc.shuffledSubarray(entries, { minLength: entries.length });
    const digest = await digestOf(definition);
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        expect(await digestOf(Object.fromEntries(order))).toBe(digest);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a name', () => {
  it.each(['a', '0', 'ivr/main-menu', 'a.b_c/d.e', `a${'b'.repeat(127)}`])('may be %s', (name) => {
    expect(checkPromptName(name)).toBe(name);
  });
  it.each([
    ['', 'begins with'],
    ['Menu', 'lower-case'],
    ['-menu', 'begins with'],
    ['/menu', 'begins with'],
    ['menu main', 'digits, and . _ - /'],
    ['menü', 'a to z'],
    ['menu\n', 'a to z'],
    ['a..b', 'must not contain ".."'],
    ['a/../b', 'must not contain ".."'],
    ['a//b', 'must not contain "//"'],
    ['menu/', 'must not end with "/"'],
    ['a'.repeat(129), 'more than 128'],
  ])('may not be %j', (name, why) => {
    const error = expect.objectContaining({ code: 'invalid_value', param: 'name' });
    expect(() => checkPromptName(name)).toThrow(error);
    expect(() => checkPromptName(name)).toThrow(why);
  });
});

const faultOf = (body: unknown): SoriError => {
  try {
    parsePrompt(body);
  } catch (error) {
    return error as SoriError;
  }
  throw new Error('nothing was refused');
};

const AU = (overrides: object) => ({ ...PLAIN, locales: { 'en-AU': overrides } });
const template = { template: 'Table {n, number}.', voice: 'kathleen' };

describe('a definition', () => {
  it('limits the number and length of values like templates do', () => {
    expect(PROMPT_LIMITS).toMatchObject({ values: MAX_RENDERINGS, slotValue: MAX_VALUE_CHARACTERS });
  });

  it.each<[unknown, string, string | null, string]>([
    [null, 'invalid_type', null, 'must be a JSON object'],
    [[], 'invalid_type', null, 'must be a JSON object'],
    [{ voice: 'kathleen' }, 'missing_required_parameter', 'input', 'input, the text to say, or template'],
    [{ input: 'Hi.' }, 'missing_required_parameter', 'voice', 'voice is required'],
    [{ ...PLAIN, input: '' }, 'invalid_value', 'input', '1 to 4096'],
    [{ ...PLAIN, input: 7 }, 'invalid_type', 'input', 'a string'],
    [{ ...PLAIN, input: 'a'.repeat(4097) }, 'string_above_max_length', 'input', '4096'],
    [{ ...PLAIN, template: 'Hi {n}' }, 'conflicting_parameters', 'template', 'one of them'],
    [
      { ...PLAIN, slots: { n: { kind: 'days' } } },
      'conflicting_parameters',
      'slots',
      'belongs to a template',
    ],
    [{ ...PLAIN, render: 'joined' }, 'conflicting_parameters', 'render', 'templates'],
    [
      { ...PLAIN, sped: 1 },
      'invalid_value',
      'sped',
      'not a field of a prompt; the fields are input, template',
    ],
    [{ ...PLAIN, response_format: 'mp3' }, 'invalid_value', 'response_format', 'formats'],
    [{ ...PLAIN, speed: 9 }, 'invalid_value', 'speed', 'from 0.25 to 4'],
    [{ ...PLAIN, speed: 'fast' }, 'invalid_type', 'speed', 'number'],
    [{ ...PLAIN, seed: 0.5 }, 'invalid_value', 'seed', 'whole number'],
    [{ ...PLAIN, formats: [] }, 'unsupported_format', 'formats', 'at least one of mp3'],
    [{ ...PLAIN, formats: ['mp3', 'mp3'] }, 'unsupported_format', 'formats', 'each once'],
    [{ ...PLAIN, formats: ['pcm_16000'] }, 'unsupported_format', 'formats', 'mp3, opus'],
    [{ ...PLAIN, formats: 'mp3' }, 'invalid_type', 'formats', 'a list'],
    [{ ...PLAIN, tags: Array(21).fill('a') }, 'invalid_value', 'tags', 'at most 20'],
    [{ ...PLAIN, description: 'a'.repeat(1001) }, 'invalid_value', 'description', '1000'],
    [{ ...PLAIN, render: 'both' }, 'invalid_value', 'render', 'whole or joined'],
    [{ ...PLAIN, style: 'data:audio/wav;base64,AA==' }, 'invalid_style', 'style', 'style id'],
    [{ ...PLAIN, pronunciations: { Sori: '' } }, 'invalid_pronunciation', 'pronunciations', 'IPA'],
    [{ ...PLAIN, locales: [] }, 'invalid_type', 'locales', 'BCP 47'],
    [{ ...PLAIN, locales: { en_AU: {} } }, 'invalid_value', 'locales.en_AU', 'not a BCP 47 tag'],
    [{ ...PLAIN, locales: { 'EN-au': {} } }, 'invalid_value', 'locales.EN-au', 'write en-AU'],
    [{ ...PLAIN, locales: { default: {} } }, 'invalid_value', 'locales.default', 'not a BCP 47 tag'],
    [{ ...PLAIN, locales: { en: 'hi' } }, 'invalid_type', 'locales.en', 'an object'],
    [AU({ speed: 9 }), 'invalid_value', 'locales.en-AU.speed', 'locales.en-AU.speed must be a number from'],
    [AU({ loudness: 5 }), 'invalid_value', 'locales.en-AU.loudness', 'from -40 to -8'],
    [AU({ formats: ['wav'] }), 'invalid_value', 'locales.en-AU.formats', 'not a field of a locale'],
    [AU({ template: 'Hi {n}.' }), 'conflicting_parameters', 'locales.en-AU.template', 'has input'],
    [AU({ slots: {} }), 'conflicting_parameters', 'locales.en-AU.slots', 'template'],
    [AU({ diffusion_steps: 33 }), 'invalid_value', 'locales.en-AU.diffusion_steps', '0 to 32'],
    [{ ...template, locales: { en: { input: 'a' } } }, 'conflicting_parameters', 'locales.en.input', ''],
    [{ ...template, slots: { n: {} } }, 'invalid_value', 'slots.n', '"values"'],
    [
      { ...template, slots: { n: { kind: 'years' } } },
      'invalid_value',
      'slots.n',
      '"digits", "days", "months"',
    ],
    [{ ...template, slots: { n: { range: [2, 1] } } }, 'invalid_value', 'slots.n', 'range'],
    [{ ...template, slots: { n: { range: [0, 500] } } }, 'invalid_value', 'slots.n', 'at most 500'],
    [{ ...template, slots: { n: { range: [1, 2], kind: 'days' } } }, 'invalid_value', 'slots.n', 'range'],
    [{ ...template, slots: [] }, 'invalid_value', 'slots', 'an object'],
  ])('%j is refused', (body, code, param, message) => {
    const error = faultOf(body);
    expect({ code: error.code, param: error.param }).toEqual({ code, param });
    expect(error.message).toContain(message);
  });

  it('accepts every field', () => {
    const definition = {
      template: 'Table {n, number}, {day}.',
      slots: { n: { range: [1, 20] }, day: { kind: 'days' }, who: { values: ['Ada', 7] } },
      voice: 'kathleen(2)+linda(1)',
      emotion: { happy: 0.5 },
      formats: ['mp3', 'opus'],
      locales: { 'en-AU': { voice: 'cameron', slots: {} }, ko: { template: '{n}번' } },
      render: 'joined',
      tags: ['ivr'],
    };
    expect(parsePrompt(definition)).toEqual(definition);
  });
});

describe('variants', () => {
  const definition = parsePrompt({
    ...PLAIN,
    language: 'en-US',
    speed: 1.5,
    locales: { 'en-AU': { voice: 'cameron', speed: 1 }, ko: { input: '네.', language: 'ko-KR' } },
  });

  it('have the fields of the definition, overridden by those of the locale', () => {
    const [whole, australian, korean] = promptVariants(definition);
    expect(whole).toMatchObject({ locale: 'default', text: PLAIN.input, path: [] });
    expect(whole.body).toMatchObject({ voice: 'kathleen', speed: 1.5, language: 'en-US', model: 'sori-2' });
    expect(australian.body).toMatchObject({ voice: 'cameron', speed: 1, language: 'en-AU' });
    expect(korean).toMatchObject({ text: '네.', body: { language: 'ko-KR', speed: 1.5 } });
    expect(promptVariant(definition, 'ko')).toEqual(korean);
  });

  it.each([
    [undefined, 'default'],
    ['en-AU', 'en-AU'],
    ['EN-au', 'en-AU'],
    ['en-AU-x-sydney', 'en-AU'],
    ['en', 'default'],
    ['ko-KR', 'ko'],
    ['default', 'default'],
    ['', 'default'],
    ['fr', 'default'],
  ])('of %s is %s', (wanted, locale) => {
    expect(bestLocale(['default', 'en-AU', 'ko'], wanted)).toBe(locale);
  });
});
