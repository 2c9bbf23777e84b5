import type { AudioFormatId } from '../../../audio/format.ts';
import { canonicalJson } from '../../../base/canonical-json.ts';
import { SoriError } from '../../../base/errors.ts';
import type { AudioMeta } from '../../../library/store.ts';
import type { BakeBudget } from '../bake-budget.ts';
import type { PromptDependencies } from '../dependencies.ts';
import {
  type BakedSlots,
  combinations,
  countCombinations,
  MAX_RENDERINGS,
  sampleValues,
  slotValues,
} from '../templates/slot-values.ts';
import { renderTemplate, type SlotValue, type SlotValues } from '../templates/template.ts';
import {
  type AddressedRendering,
  addressRendering,
  addressSegment,
  bakeRendering,
  type RenderOptions,
  segmentsOf,
  type TemplateSpeech,
} from './bake.ts';

/** A rendering, or a segment of renderings, that is baked ahead. */
export interface PlannedPart {
  /** Its id: its values as canonical JSON, `{"count":4}`, or the text of a segment, `segment:Your table is ready,`. */
  readonly part: string;
  readonly rendering: AddressedRendering;
  /** Whether it is a segment, of which only the master is stored. */
  readonly isSegment: boolean;
}

/** A stored {@link PlannedPart}. */
export interface BakedPart {
  readonly part: string;
  readonly key: string;
  readonly meta: AudioMeta;
}

/**
 * Plans what can be baked ahead of a template: all renderings if the values of all slots are known, and for a joined template
 * also the segments with known values. Nothing is synthesized.
 * @param slots values of slots that are known beforehand.
 * @throws {SoriError} `invalid_template` when there are more than {@link MAX_RENDERINGS} of either; as `addressSpeech` does.
 */
export async function planTemplate(
  deps: PromptDependencies,
  source: TemplateSpeech,
  slots: BakedSlots,
  signal: AbortSignal,
): Promise<readonly PlannedPart[]> {
  const planned = new Map<string, PlannedPart>();
  for (const [part, rendering] of await knownSegments(deps, source, slots, signal)) {
    planned.set(rendering.key, { part, rendering, isSegment: true });
  }
  for (const values of knownRenderings(source, slots)) {
    const rendering = await addressRendering(deps, source, values, signal);
    planned.set(rendering.key, { part: canonicalJson(values), rendering, isSegment: false });
  }
  return [...planned.values()];
}

/**
 * Makes sure that all of a plan is stored.
 * @throws {SoriError} as `bakeSpeech` does; `more_to_bake`. Baked parts stay and are found by the next call.
 */
export async function bakeTemplate(
  deps: PromptDependencies,
  plan: readonly PlannedPart[],
  formats: readonly AudioFormatId[],
  options: RenderOptions,
  budget: BakeBudget,
): Promise<readonly BakedPart[]> {
  const baked: BakedPart[] = [];
  for (const { part, rendering, isSegment } of plan) {
    options.signal.throwIfAborted();
    budget.check();
    const { key, meta, cache } = await bakeRendering(deps, rendering, isSegment ? [] : formats, options);
    budget.count(cache);
    baked.push({ part, key, meta });
  }
  return baked;
}

/** A joined template may have too many renderings, because its segments are baked. */
function knownRenderings({ template, render }: TemplateSpeech, slots: BakedSlots): readonly SlotValues[] {
  const known = slotValues(template, slots);
  const names = template.slots.map(({ name }) => name);
  if (!names.every((name) => known.has(name))) return [];
  if (render === 'joined' && countCombinations(names, known) > MAX_RENDERINGS) return [];
  return combinations(names, known);
}

/** Segments with known values only, by name. */
async function knownSegments(
  deps: PromptDependencies,
  source: TemplateSpeech,
  slots: BakedSlots,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AddressedRendering>> {
  const found = new Map<string, AddressedRendering>();
  if (source.render !== 'joined') return found;
  const { template } = source;
  const known = slotValues(template, slots);
  const values = new Map<string, readonly SlotValue[]>(
    template.slots.map((slot) => [slot.name, known.get(slot.name) ?? sampleValues(slot)]),
  );
  const usual = Object.fromEntries([...values].map(([name, list]) => [name, list[0]]));
  const usualSegments = segmentsOf(source, renderTemplate(template, usual));
  if (usualSegments.length < 2) return found;
  // Vary the slots of one segment at a time, so that the work is the sum of the segments' values and not their product.
  const groups = [
    ...usualSegments.map((segment) => segment.slots),
    ...template.slots.map(({ name }) => [name]),
  ];
  for (const group of groups) {
    for (const varied of combinations(group, values)) {
      const segments = segmentsOf(source, renderTemplate(template, { ...usual, ...varied }));
      for (const segment of segments) {
        const name = `segment:${segment.text}`;
        const isKnown = segments.length > 1 && segment.slots.every((slot) => known.has(slot));
        if (!isKnown || found.has(name)) continue;
        if (found.size === MAX_RENDERINGS) throw tooManySegments();
        const addressed = await addressSegment(deps, source.body, segment, signal);
        const { key } = addressed.speech;
        found.set(name, { key, text: segment.text, parts: [addressed] });
      }
    }
  }
  return found;
}

function tooManySegments(): SoriError {
  const message = `The slots make more than ${MAX_RENDERINGS} segments, of which at most ${MAX_RENDERINGS} are baked ahead. List fewer values, or leave the widest slot out of slots so that its segments are made when they are asked for.`;
  return new SoriError('invalid_template', message, { param: 'slots' });
}
