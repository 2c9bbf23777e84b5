import { stringify } from 'yaml';
import type { PromptDefinition } from '../../../src/delivery/definition.ts';
import { cellOf } from './cells.ts';
import type { FileFormat } from './prompt-file.ts';

/** A prompt to be written. */
export interface NamedDefinition {
  readonly name: string;
  readonly definition: PromptDefinition;
}

/** Columns that a person looks for first. */
const FIRST = ['name', 'input', 'template', 'voice', 'formats'];

/** A prompts file that reads back as what was written. */
export function writePromptFile(prompts: readonly NamedDefinition[], format: FileFormat): string {
  if (format === 'csv') return csv(prompts);
  const file = {
    prompts: Object.fromEntries(prompts.map(({ name, definition }) => [name, entry(definition)])),
  };
  return format === 'json' ? `${JSON.stringify(file, null, 2)}\n` : stringify(file, { lineWidth: 0 });
}

/** A row of CSV (RFC 4180). */
export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => quoted(String(cell))).join(',')}\r\n`;
}

/** Nothing but a text is that text. */
function entry(definition: PromptDefinition): PromptDefinition | string {
  const { input, ...rest } = definition;
  return input !== undefined && Object.keys(rest).length === 0 ? input : definition;
}

function csv(prompts: readonly NamedDefinition[]): string {
  const rows = prompts.map(({ name, definition }) => rowOf(name, definition));
  const used = new Set(rows.flatMap((row) => [...row.keys()]));
  const columns = [
    ...FIRST.filter((column) => used.has(column)),
    ...[...used].filter((column) => !FIRST.includes(column)),
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
