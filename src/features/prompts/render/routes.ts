import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AUDIO_FORMATS, type AudioFormatId } from '../../../audio/format.ts';
import { SAMPLE_RATE } from '../../../audio/samples.ts';
import { SoriError } from '../../../base/errors.ts';
import { readJsonBody } from '../../../http/bodies/json-body.ts';
import { lenient } from '../../../http/bodies/lenient.ts';
import type { AppEnv } from '../../../http/context.ts';
import { keepAlive } from '../../../http/keep-alive.ts';
import { placedHeaders, reportStored } from '../../../placement/placed-header.ts';
import { answerAudio } from '../../delivery/index.ts';
import { addressSpeech, bakeFor, IGNORED_HEADER, onBehalf, streamOnMiss } from '../../speech/index.ts';
import { audioUrls } from '../answer.ts';
import { Catalogue } from '../catalogue/catalogue.ts';
import { checkPromptName, type PromptDefinition } from '../catalogue/definition.ts';
import type { PromptDependencies } from '../dependencies.ts';
import { parseTemplate, type SlotValues } from '../templates/template.ts';
import { invalidValue } from '../templates/values.ts';
import { bestLocale, type PromptVariant, promptVariant } from '../variants.ts';
import { warningsOf } from '../warnings.ts';
import {
  type AddressedRendering,
  addressRendering,
  addressSegment,
  bakeRendering,
  type RenderOptions,
  type TemplateSpeech,
} from './bake.ts';
import { type renderedSchema, renderRouteDocs, renderSchema } from './docs.ts';

export { bakeTemplate, type PlannedPart, planTemplate } from './ahead.ts';
export type { RenderOptions, TemplateSpeech } from './bake.ts';

/** Adds `POST /v1/prompts/{name}/render`. */
export function promptRenderRoute(app: OpenAPIHono<AppEnv>, given: PromptDependencies): void {
  app.openAPIRegistry.registerPath(renderRouteDocs);
  // Names have slashes, which the library's pattern of the path would not match.
  app.post('/v1/prompts/:name{.+}/render', async (c) => {
    const deps = onBehalf(c, given);
    const name = checkPromptName(c.req.param('name'));
    const { values, format, locale, v } = parseRendering(await readJsonBody(c.req.raw));
    if (!deps.database) {
      throw new SoriError(
        'not_configured',
        'This server has no prompt catalogue: its operator has given it no database.',
      );
    }
    const prompt = await new Catalogue(deps.database).get(name, v);
    const { definition, formats, version } = prompt;
    const variant = promptVariant(definition, bestLocale(Object.keys(definition.locales ?? {}), locale));
    const { signal } = c.req.raw;
    const rendering = await address(deps, definition, variant, values, signal);
    const wanted = format ?? formats[0];
    const audio = !wantsJson(c.req.header('accept'));
    const fileName = name.replaceAll('/', '-');
    if (audio && rendering.parts.length === 1) {
      const [{ speech }] = rendering.parts;
      const streamed = await streamOnMiss(c, deps, speech, {
        format: wanted,
        cacheControl: 'no-store',
        fileName,
      });
      if (streamed) return streamed;
    }
    const baked = await bakeRendering(deps, rendering, [wanted], renderOptions(c, deps, signal));
    const { key, meta, cache } = baked;
    const account = c.get('account');
    reportStored(c, deps);
    account.text = rendering.text;
    account.cache = cache;
    account.audioMs = meta.samples / (SAMPLE_RATE / 1000);
    if (audio) {
      return await answerAudio(c, deps, {
        key,
        format: wanted,
        cacheControl: 'no-store',
        fileName,
        extraHeaders: { 'X-Cache': cache, ...placedHeaders(c) },
      });
    }
    const known = [...new Set<AudioFormatId>([...formats, wanted])];
    const speeches = rendering.parts.map(({ speech }) => speech);
    const inField = { param: variant.isTemplate ? 'template' : 'input', placed: !variant.isTemplate };
    const warnings = await warningsOf(deps, meta, speeches, inField, signal);
    if (meta.ignored !== undefined) c.header(IGNORED_HEADER, meta.ignored);
    const answer: z.infer<typeof renderedSchema> = {
      object: 'prompt.rendering',
      prompt: name,
      version,
      locale: variant.locale,
      text: rendering.text,
      key,
      urls: audioUrls(key, known),
      seconds: meta.samples / SAMPLE_RATE,
      loudness: meta.loudness,
      model: meta.model,
      cache,
      ...(warnings.length > 0 && { warnings }),
      joined: rendering.parts.length,
    };
    return c.json(answer, 200, { 'Cache-Control': 'no-store', 'X-Cache': cache });
  });
}

/** {@link RenderOptions} of a request, on its caller's quota. */
export function renderOptions(
  c: Context<AppEnv>,
  deps: PromptDependencies,
  signal: AbortSignal,
): RenderOptions {
  return {
    signal,
    bake: (speech, formats, until) => bakeFor(c, deps, speech, formats, until),
    keepAlive: (work) => keepAlive(c, work),
  };
}

/**
 * The template of a prompt's variant with its speech request. Numbers and dates are formatted for its language.
 * @throws {SoriError} `invalid_template`; as `addressSpeech` does.
 */
export async function templateSpeech(
  deps: PromptDependencies,
  { render }: PromptDefinition,
  { text, body }: PromptVariant,
  signal: AbortSignal,
): Promise<TemplateSpeech> {
  const { request } = await addressSpeech(deps, body, signal);
  return { template: parseTemplate(text, request.language), render: render ?? 'whole', body };
}

async function address(
  deps: PromptDependencies,
  definition: PromptDefinition,
  variant: PromptVariant,
  values: SlotValues,
  signal: AbortSignal,
): Promise<AddressedRendering> {
  if (variant.isTemplate) {
    const source = await templateSpeech(deps, definition, variant, signal);
    return await addressRendering(deps, source, values, signal);
  }
  const [given] = Object.keys(values);
  if (given !== undefined) throw invalidValue(given, 'The prompt is not a template, so it has no slots.');
  const { text, body } = variant;
  const part = await addressSegment(deps, body, { text, mark: '', slots: [] }, signal);
  return { key: part.speech.key, text, parts: [part] };
}

/** @throws {SoriError} with the first fault's code and field. */
function parseRendering(body: unknown): z.infer<typeof renderSchema> {
  const result = renderSchema.safeParse(lenient(renderSchema, body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue.code === 'unrecognized_keys') {
    const [param] = issue.keys;
    const message = `Unknown field ${JSON.stringify(param).slice(0, 64)}. The fields are values, format, locale and v.`;
    throw new SoriError('invalid_value', message, { param });
  }
  if (issue.path.length === 0) throw new SoriError('invalid_type', 'The body must be a JSON object.');
  const [field, slot] = issue.path.map(String);
  if (field === 'values' && slot !== undefined)
    throw invalidValue(slot.slice(0, 64), 'It has to be a text or a number.');
  const { code, must } = FIELDS[field];
  throw new SoriError(code, `${field} must be ${must}.`, { param: field });
}

const FIELDS: Readonly<Record<string, { code: SoriError['code']; must: string }>> = {
  values: { code: 'invalid_type', must: 'an object of slots’ names and values, such as {"count": 4}' },
  format: { code: 'unsupported_format', must: `one of ${AUDIO_FORMATS.join(', ')}` },
  locale: { code: 'invalid_value', must: 'a BCP 47 language tag such as en-AU' },
  v: { code: 'invalid_value', must: 'a version: a whole number from 1' },
};

/** Whether the client asks for JSON and not for audio. Many HTTP clients accept JSON and anything by default. */
function wantsJson(accept = ''): boolean {
  const types = accept.split(',').map((type) => type.split(';')[0].trim().toLowerCase());
  return (
    types.includes('application/json') && !types.some((type) => type === '*/*' || type.startsWith('audio/'))
  );
}
