import type { AudioFormatId } from '../../../audio/format.ts';
import { type CanonicalValue, canonicalJson } from '../../../base/canonical-json.ts';
import { SoriError } from '../../../base/errors.ts';
import { sha256Hex } from '../../../base/sha256.ts';

/** Characters of a prompt's name; {@link checkPromptName} checks the rest. */
export const PROMPT_NAME = /^[a-z0-9][a-z0-9._/-]{0,127}$/;
/** Kinds of slot with known values: the digits 0 to 9, the days of the week, the months. */
export const SLOT_KINDS = ['digits', 'days', 'months'] as const;
/** How a template is rendered: as a whole, or joined from parts that are made in advance. */
export const RENDERINGS = ['whole', 'joined'] as const;
/** The locale of the fields outside `locales`. */
export const DEFAULT_LOCALE = 'default';

/** Values of a template's slot that are baked ahead. `range` is of whole numbers, both ends included. */
export type BakedSlot =
  | { readonly values: readonly (string | number)[] }
  | { readonly range: readonly [from: number, to: number] }
  | { readonly kind: (typeof SLOT_KINDS)[number] };

/** The text to speak: a plain text, or a template in ICU MessageFormat with the values of its slots that are baked ahead. */
export interface PromptText {
  readonly input?: string;
  readonly template?: string;
  readonly slots?: Readonly<Record<string, BakedSlot>>;
}

/**
 * The changes of a locale: text, and controls as in the body of `POST /v1/audio/speech` (`model`, `voice`, `speed`, …)
 * with the same values.
 */
export interface PromptOverrides extends PromptText {
  readonly model?: string;
  readonly language?: string;
  readonly [control: string]: unknown;
}

/** The definition of a prompt as its owner wrote it; absent fields have defaults ({@link DEFINITION_DEFAULTS}). */
export interface PromptDefinition extends PromptOverrides {
  /** Formats to bake. */
  readonly formats?: readonly AudioFormatId[];
  /** Variants by BCP 47 tag. */
  readonly locales?: Readonly<Record<string, PromptOverrides>>;
  readonly render?: (typeof RENDERINGS)[number];
  /** A note; never spoken. */
  readonly description?: string;
  readonly tags?: readonly string[];
}

/** Defaults of a definition. Other fields have a default that depends on the model, or none. */
export const DEFINITION_DEFAULTS = {
  model: 'sori-2',
  formats: ['mp3'] satisfies AudioFormatId[] as readonly AudioFormatId[],
  locales: {},
  slots: {},
  render: 'whole',
  description: '',
  tags: [] as readonly string[],
  speed: 1,
  pitch: 0,
  pitch_range: 1,
  energy: 0,
  pauses: 1,
  seed: 0,
  pronunciations: {},
  strict: false,
  unreadable: 'error',
} as const;

const DEFAULTS: ReadonlyMap<string, string> = new Map(
  Object.entries(DEFINITION_DEFAULTS).map(([field, value]) => [field, canonicalJson(value)]),
);

/**
 * The canonical form of a definition: without default values and with sorted unordered lists. Leaving defaults
 * out keeps digests stable when a later version adds a field.
 */
export function canonicalDefinition(definition: PromptDefinition): PromptDefinition {
  const { formats, tags, locales = {}, ...rest } = definition;
  const whole = {
    ...spoken(rest),
    formats: formats && [...formats].sort(),
    tags: tags && [...tags].sort(),
    locales: Object.fromEntries(
      Object.entries(locales).map(([locale, overrides]) => [locale, spoken(overrides)]),
    ),
  };
  const stated = Object.entries(whole).filter(
    ([field, value]) => value !== undefined && canonicalJson(value as CanonicalValue) !== DEFAULTS.get(field),
  );
  return Object.fromEntries(stated) as PromptDefinition;
}

/** Hex SHA-256 of the canonical definition, the same on server and client. */
export async function definitionDigest(definition: PromptDefinition): Promise<string> {
  return await sha256Hex(new TextEncoder().encode(definitionText(definition)));
}

/** The input of {@link definitionDigest}: canonical JSON. */
export function definitionText(definition: PromptDefinition): string {
  return canonicalJson(canonicalDefinition(definition) as CanonicalValue);
}

/**
 * Checks a prompt's name.
 * @throws {SoriError} `invalid_value`, with the reason.
 */
export function checkPromptName(name: string): string {
  const fault = faultOfName(name);
  if (fault === undefined) return name;
  const shown = JSON.stringify(name.length > 140 ? `${name.slice(0, 140)}…` : name);
  throw new SoriError('invalid_value', `${shown} is not a valid prompt name: ${fault}.`, { param: 'name' });
}

function faultOfName(name: string): string | undefined {
  if (name.length > 128) return 'it has more than 128 characters';
  if (!PROMPT_NAME.test(name)) {
    return 'it takes lower-case letters a to z, digits, and . _ - / inside, and begins with a letter or digit';
  }
  if (name.includes('..')) return 'it must not contain ".."';
  if (name.includes('//')) return 'it must not contain "//"';
  if (name.endsWith('/')) return 'it must not end with "/"';
  // Browsers and HTTP clients remove it from a URL.
  if (/\/\.(?:\/|$)/.test(name)) return 'it must not have a part "."';
  return undefined;
}

/** A voice object with only an id equals the voice's name. */
function spoken<Overrides extends PromptOverrides>(overrides: Overrides): Overrides {
  const voice = overrides.voice as { id?: unknown } | string | undefined;
  if (typeof voice !== 'object' || typeof voice?.id !== 'string') return overrides;
  return { ...overrides, voice: voice.id };
}
