import {
  canonicalDefinition,
  type PromptDefinition,
  type PromptOverrides,
} from '../../../../src/features/prompts/catalogue/definition.ts';
import type { FilePrompt } from '../files/prompt-file.ts';

/** Fields of a prompt of the catalogue that a plan uses. */
export interface CatalogueEntry {
  readonly name: string;
  readonly digest: string;
  /** For If-Match. */
  readonly etag: string;
  /** Baked with another model or synthesis than that of now. */
  readonly stale: boolean;
  readonly definition?: PromptDefinition;
}

/** A field that differs; `undefined` where it isn't stated. Fields of a locale are `locales.en-AU.input`. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** Action for one prompt. */
export type Step =
  | {
      readonly kind: 'new';
      readonly name: string;
      readonly definition: PromptDefinition;
      readonly digest: string;
    }
  | {
      readonly kind: 'changed' | 'stale';
      readonly name: string;
      readonly definition: PromptDefinition;
      readonly digest: string;
      /** Of what the catalogue has. */
      readonly etag: string;
      /** The differences; none in a stale prompt. */
      readonly changes: readonly FieldChange[];
    }
  | { readonly kind: 'removed'; readonly name: string; readonly etag: string };

/** How a file differs from the catalogue. */
export interface Plan {
  /** By name. */
  readonly steps: readonly Step[];
  readonly unchanged: number;
}

/** Compares a file with the part of the catalogue that it owns, by digests, without a request. */
export function planSync(prompts: readonly FilePrompt[], catalogue: readonly CatalogueEntry[]): Plan {
  const known = new Map(catalogue.map((entry) => [entry.name, entry]));
  const steps: Step[] = [];
  let unchanged = 0;
  for (const { name, definition, digest } of prompts) {
    const entry = known.get(name);
    known.delete(name);
    if (!entry) {
      steps.push({ kind: 'new', name, definition, digest });
    } else if (entry.digest !== digest) {
      const changes = changesOf(entry.definition ?? {}, definition);
      steps.push({ kind: 'changed', name, definition, digest, etag: entry.etag, changes });
    } else if (entry.stale) {
      steps.push({ kind: 'stale', name, definition, digest, etag: entry.etag, changes: [] });
    } else {
      unchanged += 1;
    }
  }
  for (const { name, etag } of known.values()) steps.push({ kind: 'removed', name, etag });
  return { steps: steps.sort((one, other) => (one.name < other.name ? -1 : 1)), unchanged };
}

/** Characters of texts that a plan has to speak, at most: what is in the library already costs nothing. */
export function charactersOf({ steps }: Plan): number {
  let sum = 0;
  for (const step of steps) {
    if (step.kind === 'removed') continue;
    const { definition } = step;
    const texts = [
      definition,
      ...Object.values(definition.locales ?? {}).map((said) => ({ ...definition, ...said })),
    ];
    for (const { input = '' } of texts) sum += Array.from(input as string).length;
  }
  return sum;
}

function changesOf(before: PromptDefinition, after: PromptDefinition): FieldChange[] {
  const [from, to] = [flat(canonicalDefinition(before)), flat(canonicalDefinition(after))];
  const fields = [...new Set([...from.keys(), ...to.keys()])];
  return fields
    .filter((field) => JSON.stringify(from.get(field)) !== JSON.stringify(to.get(field)))
    .map((field) => ({ field, from: from.get(field), to: to.get(field) }));
}

/** Fields by name, those of locales by their path. A locale that changes nothing is there too. */
function flat({ locales = {}, ...own }: PromptDefinition): Map<string, unknown> {
  const fields = new Map<string, unknown>(Object.entries(own));
  for (const [locale, said] of Object.entries(locales)) {
    const entries = Object.entries(said as PromptOverrides);
    if (entries.length === 0) fields.set(`locales.${locale}`, {});
    for (const [field, value] of entries) fields.set(`locales.${locale}.${field}`, value);
  }
  return fields;
}
