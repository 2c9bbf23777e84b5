import { stringify } from 'yaml';
import type { PromptDefinition } from '../../../../src/features/prompts/catalogue/definition.ts';
import { cellOf } from './cells.ts';
import type { FileFormat } from './prompt-file.ts';

/** A prompt to be written. */
export interface NamedDefinition {
  readonly name: string;
  readonly definition: PromptDefinition;
}

/** Columns that a person looks for first. */
const FIRST_COLUMNS = ['name', 'input', 'template', 'voice', 'formats'];

/** Fields that come first in a prompt. */
const FIRST_FIELDS = ['input', 'template', 'slots', 'voice'];
/** Fields that are a prompt's own even where all prompts agree. */
const OWN_FIELDS = new Set(['input', 'template', 'slots', 'locales', 'description']);

/** A prompts file that reads back as what was written. What all prompts have in common becomes their defaults, except in tables. */
export function writePromptFile(prompts: readonly NamedDefinition[], format: FileFormat): string {
  if (format === 'csv') return csv(prompts);
  const defaults = commonFields(prompts);
  const entries = prompts.map(({ name, definition }) => [name, entry(definition, defaults)] as const);
  const file = {
    ...(Object.keys(defaults).length > 0 && { defaults }),
    prompts: Object.fromEntries(entries),
  };
  return format === 'json' ? `${JSON.stringify(file, null, 2)}\n` : stringify(file, { lineWidth: 0 });
}

/** A row of CSV (RFC 4180). */
export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => quoted(String(cell))).join(',')}\r\n`;
}

function commonFields([first, ...others]: readonly NamedDefinition[]): PromptDefinition {
  if (others.length === 0) return {};
  const isCommon = ([field, value]: [string, unknown]) =>
    !OWN_FIELDS.has(field) &&
    others.every(({ definition }) => JSON.stringify(definition[field]) === JSON.stringify(value));
  return Object.fromEntries(Object.entries(first.definition).filter(isCommon));
}

/** Nothing but a text is that text. */
function entry(definition: PromptDefinition, defaults: PromptDefinition): PromptDefinition | string {
  const own = Object.entries(definition).filter(([field]) => !Object.hasOwn(defaults, field));
  if (own.length === 1 && definition.input !== undefined) return definition.input;
  const rank = (field: string) => FIRST_FIELDS.indexOf(field) + 1 || FIRST_FIELDS.length + 1;
  return Object.fromEntries(own.sort(([one], [other]) => rank(one) - rank(other)));
}

function csv(prompts: readonly NamedDefinition[]): string {
  const rows = prompts.map(({ name, definition }) => rowOf(name, definition));
  const used = new Set(rows.flatMap((row) => [...row.keys()]));
  const columns = [
    ...FIRST_COLUMNS.filter((column) => used.has(column)),
    ...[...used].filter((column) => !FIRST_COLUMNS.includes(column)),
  ];
  const lines = rows.map((row) => csvRow(columns.map((column) => row.get(column) ?? '')));
  return csvRow(columns) + lines.join('');
}

function rowOf(name: string, { locales = {}, ...own }: PromptDefinition): Map<string, string> {
  const row = new Map([['name', name]]);
  for (const [field, value] of Object.entries(own)) {
    if (value !== undefined) row.set(field, cellOf(field, value));
  }
  for (const [locale, overrides] of Object.entries(locales)) {
    for (const [field, value] of Object.entries(overrides))
      row.set(`${field}:${locale}`, cellOf(field, value));
  }
  return row;
}

/** Cells with white space at their ends are quoted too: some programs would trim them. */
function quoted(cell: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
