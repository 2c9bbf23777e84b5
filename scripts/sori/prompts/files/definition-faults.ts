import { SoriError } from '../../../../src/base/errors.ts';
import type {
  PromptDefinition,
  PromptOverrides,
} from '../../../../src/features/prompts/catalogue/definition.ts';
import { parsePrompt } from '../../../../src/features/prompts/faults.ts';
import { parseTemplate } from '../../../../src/features/prompts/templates/template.ts';
import { promptVariants } from '../../../../src/features/prompts/variants.ts';

/** Something wrong in a definition. */
export interface DefinitionFault {
  /** Where in it. */
  readonly path: readonly string[];
  /** Message: what is wrong and what is expected. */
  readonly message: string;
}

type Fields = Record<string, unknown>;

/** Maximum number of reported faults of one definition. */
const MOST = 20;
/** Codes of faults that lie in one field; with the field out of the way, the rest can be checked. */
const OF_ONE_FIELD = new Set<SoriError['code']>([
  'invalid_value',
  'invalid_type',
  'unsupported_format',
  'string_above_max_length',
  'invalid_pronunciation',
  'invalid_style',
]);
/** Placeholders for missing required fields, so that the schema reports the other faults only. */
const INSTEAD: Readonly<Fields> = { input: '.', template: '.', voice: 'any' };

/**
 * Everything that the server would refuse in a definition without using a model. The server reports the first fault; here the field at
 * fault is taken out and the rest checked again.
 */
export function faultsOfDefinition(definition: Readonly<Fields>): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  let rest: Fields = definition;
  while (faults.length < MOST) {
    try {
      return [...faults, ...faultsOfTemplates(parsePrompt(rest))];
    } catch (error) {
      if (!(error instanceof SoriError)) throw error;
      const path = error.param?.split('.') ?? [];
      faults.push({ path, message: error.message });
      const without = path.length > 0 && OF_ONE_FIELD.has(error.code) && withoutField(rest, path);
      if (!without) return faults;
      rest = without;
    }
  }
  return faults;
}

/** The server finds these only as it bakes. */
function faultsOfTemplates(definition: PromptDefinition): DefinitionFault[] {
  if (definition.template === undefined) return [];
  return promptVariants(definition).flatMap(({ locale, path, text, body }): DefinitionFault[] => {
    const said: PromptOverrides | undefined = path.length === 0 ? definition : definition.locales?.[locale];
    if (said?.template === undefined) return [];
    try {
      parseTemplate(text, body.language ?? 'en');
      return [];
    } catch (error) {
      if (!(error instanceof SoriError)) throw error;
      return [{ path: [...path, 'template'], message: error.message }];
    }
  });
}

/** @returns undefined where there is nothing at the path. */
function withoutField(fields: Fields, path: readonly string[]): Fields | undefined {
  const [first, ...inner] = path;
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, first)) return undefined;
  if (inner.length > 0) {
    const value = withoutField(fields[first] as Fields, inner);
    return value && { ...fields, [first]: value };
  }
  const { [first]: _, ...rest } = fields;
  return Object.hasOwn(INSTEAD, first) ? { ...rest, [first]: INSTEAD[first] } : rest;
}
