import { parseExactSpeech, type SpeechBody } from '../speech/index.ts';
import {
  type BakedSlot,
  DEFAULT_LOCALE,
  DEFINITION_DEFAULTS,
  type PromptDefinition,
  type PromptOverrides,
} from './catalogue/definition.ts';
import { CONTROL_NAMES } from './schema.ts';

/** A prompt in one of its locales. */
export interface PromptVariant {
  /** BCP 47 tag, or `default` for the fields outside `locales`. */
  readonly locale: string;
  /** Path in the definition: `[]` or `['locales', 'en-AU']`. */
  readonly path: readonly string[];
  /** `input`, or the template's text. */
  readonly text: string;
  readonly isTemplate: boolean;
  /** Values of a template's slots that are baked ahead. */
  readonly slots: Readonly<Record<string, BakedSlot>>;
  /** Its speech request without `input`, which the caller adds. */
  readonly body: SpeechBody;
}

/** All variants of a validated definition, the default first. */
export function promptVariants(definition: PromptDefinition): PromptVariant[] {
  const locales = Object.keys(definition.locales ?? {});
  return [DEFAULT_LOCALE, ...locales].map((locale) => promptVariant(definition, locale));
}

/** One existing variant of a definition. */
export function promptVariant(definition: PromptDefinition, locale: string): PromptVariant {
  const isDefault = locale === DEFAULT_LOCALE;
  const { language = locale, ...rest }: PromptOverrides = definition.locales?.[locale] ?? {};
  const said: PromptOverrides = isDefault ? definition : { ...definition, ...rest, language };
  const controls = Object.fromEntries(
    CONTROL_NAMES.filter((name) => said[name] !== undefined).map((name) => [name, said[name]]),
  );
  return {
    locale,
    path: isDefault ? [] : ['locales', locale],
    text: said.input ?? said.template ?? '',
    isTemplate: definition.template !== undefined,
    slots: said.slots ?? {},
    body: parseExactSpeech({ model: DEFINITION_DEFAULTS.model, ...controls, input: '.' }),
  };
}

/** The best variant for a language tag: the same tag, a shorter one (`en-AU-x` → `en-AU` → `en`), or the default. */
export function bestLocale(known: readonly string[], wanted: string | undefined): string {
  const byTag = new Map(known.map((tag) => [tag.toLowerCase(), tag]));
  const subtags = wanted?.toLowerCase().split('-') ?? [];
  for (; subtags.length > 0; subtags.pop()) {
    const match = byTag.get(subtags.join('-'));
    if (match !== undefined && match !== DEFAULT_LOCALE) return match;
  }
  return DEFAULT_LOCALE;
}
