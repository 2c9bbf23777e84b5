import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import type { AppEnv } from '../../http/context.ts';
import type { AudioMeta } from '../../library/store.ts';
import type { Warning } from '../../text/warnings.ts';
import { type AddressedSpeech, addressSpeech, bakeFor, modelEdition, voicesOf } from '../speech/index.ts';
import { BAKED_HEADER, BakeBudget } from './bake-budget.ts';
import {
  canonicalDefinition,
  DEFINITION_DEFAULTS,
  definitionDigest,
  type PromptDefinition,
} from './catalogue/definition.ts';
import type { DraftVariant, PromptAudio, PromptDraft } from './catalogue/prompt.ts';
import type { PromptDependencies } from './dependencies.ts';
import { relocatedFault } from './faults.ts';
import {
  bakeTemplate,
  type PlannedPart,
  planTemplate,
  renderOptions,
  templateSpeech,
} from './render/routes.ts';
import { type PromptVariant, promptVariants } from './variants.ts';
import { distinctWarnings, warningsOf } from './warnings.ts';

/** The context of baking. */
interface Oven {
  readonly c: Context<AppEnv>;
  readonly deps: PromptDependencies;
  readonly formats: readonly AudioFormatId[];
  readonly signal: AbortSignal;
  readonly budget: BakeBudget;
  /** Collects what of the texts has no effect. */
  readonly warnings: Warning[];
}

/** A prompt whose audio is stored. */
export interface BakedPrompt {
  readonly draft: PromptDraft;
  /** Parts of its texts without effect, with the field's path as `param`. */
  readonly warnings: readonly Warning[];
}

/**
 * Makes sure that all audio of a prompt is stored, in every locale and format, and returns a draft for the catalogue. Stored audio is
 * not synthesized again. After a failure the baked audio stays and the next call continues.
 * @throws {SoriError} for a fault in a variant, with its path as `param`; `not_configured`, `storage_unavailable`,
 *   `overloaded`, `insufficient_quota`, `more_to_bake`.
 */
export async function bakePrompt(
  c: Context<AppEnv>,
  deps: PromptDependencies,
  name: string,
  given: PromptDefinition,
): Promise<BakedPrompt> {
  const definition = canonicalDefinition(given);
  const formats = definition.formats ?? DEFINITION_DEFAULTS.formats;
  const { signal } = c.req.raw;
  const started = performance.now();
  const planned: PlannedVariant[] = [];
  // Validate all variants before the first is synthesized, so that a fault costs nothing.
  for (const variant of promptVariants(definition)) {
    planned.push(await located(variant, () => plan(deps, definition, signal, variant)));
  }
  const budget = new BakeBudget({
    total: planned.reduce((sum, { variant, parts }) => sum + (variant.isTemplate ? parts.length : 1), 0),
    limitMs: deps.bakeBudgetMs,
    started,
    onUsedUp: (progress) => c.header(BAKED_HEADER, progress),
  });
  const warnings: Warning[] = [];
  const oven: Oven = { c, deps, formats, signal, budget, warnings };
  const variants: DraftVariant[] = [];
  for (const variant of planned) variants.push(await located(variant.variant, () => bake(oven, variant)));
  const draft = { name, digest: await definitionDigest(definition), definition, formats, variants };
  return { draft, warnings: distinctWarnings(warnings) };
}

/** A validated variant. */
interface PlannedVariant {
  readonly variant: PromptVariant;
  readonly edition: string;
  readonly speech: AddressedSpeech;
  /** The renderings and segments of a template that are baked ahead. */
  readonly parts: readonly PlannedPart[];
}

async function plan(
  deps: PromptDependencies,
  definition: PromptDefinition,
  signal: AbortSignal,
  variant: PromptVariant,
): Promise<PlannedVariant> {
  const { body, text, isTemplate, slots } = variant;
  // Read the edition first: if the model changes meanwhile, the prompt counts as stale.
  const edition = await modelEdition(deps, body.model, signal);
  // For a template this validates the voice and all other fields.
  const speech = await addressSpeech(deps, isTemplate ? body : { ...body, input: text }, signal);
  if (!isTemplate) return { variant, edition, speech, parts: [] };
  const template = await templateSpeech(deps, definition, variant, signal);
  return { variant, edition, speech, parts: await planTemplate(deps, template, slots, signal) };
}

async function bake(
  oven: Oven,
  { variant, edition, speech, parts: planned }: PlannedVariant,
): Promise<DraftVariant> {
  const { c, deps, formats, signal, budget } = oven;
  const { locale, isTemplate, path } = variant;
  const { warnings } = oven;
  const param = [...path, isTemplate ? 'template' : 'input'].join('.');
  const { model, request, privacy } = speech;
  const voices = voicesOf(request, privacy);
  if (!isTemplate) {
    budget.check();
    const baked = await bakeFor(c, deps, speech, formats, signal);
    budget.count(baked.cache);
    warnings.push(...(await warningsOf(deps, baked.meta, [speech], { param, placed: true }, signal)));
    const audio = audioOf(baked);
    return { locale, model: model.id, voices, edition, audio, parts: [] };
  }
  const baked = await bakeTemplate(deps, planned, formats, renderOptions(c, deps, signal), budget);
  // Most renderings have the same warnings as the first.
  const first = baked.findIndex(({ meta }) => meta.ignored !== undefined);
  if (first >= 0) {
    const speeches = planned[first].rendering.parts.map((part) => part.speech);
    const { meta } = baked[first];
    warnings.push(...(await warningsOf(deps, meta, speeches, { param, placed: false }, signal)));
  }
  const parts = baked.map((part) => ({ part: part.part, ...audioOf(part) }));
  // Audio that is made on demand is never stale.
  return { locale, model: model.id, voices, edition: parts.length > 0 ? edition : null, audio: null, parts };
}

function audioOf({ key, meta }: { key: string; meta: AudioMeta }): PromptAudio {
  const { model, voice, samples, loudness } = meta;
  return { key, spoken: model, voice, samples, loudness };
}

async function located<Result>(
  { path, locale }: PromptVariant,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw relocatedFault(error, path, locale);
  }
}
