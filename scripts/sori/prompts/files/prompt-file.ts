import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import {
  checkPromptName,
  definitionText,
  type PromptDefinition,
} from '../../../../src/features/prompts/catalogue/definition.ts';
import { CommandError, UsageError } from '../../failures.ts';
import { faultsOfDefinition } from './definition-faults.ts';
import type { RawFile, RawPrompt } from './raw-prompt.ts';
import { readCsv } from './read-csv.ts';
import { readYaml } from './read-yaml.ts';
import { decodeSource, type Fault, PromptFileError, type SourceText } from './source-text.ts';

/** Most prompts in a file. */
export const MAX_PROMPTS = 100_000;

/** A prompt of a file, checked. */
export interface FilePrompt {
  readonly name: string;
  readonly definition: PromptDefinition;
  /** As the catalogue computes it: equal digests mean equal prompts. */
  readonly digest: string;
}

/** A prompts file's ways to be written. */
export const FILE_FORMATS = ['yaml', 'json', 'csv'] as const;

/** One of {@link FILE_FORMATS}. */
export type FileFormat = (typeof FILE_FORMATS)[number];

const READERS: Readonly<Record<FileFormat, (source: SourceText) => RawFile>> = {
  yaml: (source) => readYaml(source),
  json: (source) => readYaml(source, { json: true }),
  csv: readCsv,
};

/**
 * How a file is written, by its name.
 * @throws {UsageError} for other names.
 */
export function fileFormatOf(path: string): FileFormat {
  const extension = extname(path).slice(1).toLowerCase();
  if (extension === 'yml') return 'yaml';
  const known = FILE_FORMATS.find((format) => format === extension);
  if (known) return known;
  throw new UsageError(`${path} must have the extension .yaml, .yml, .json or .csv.`);
}

/**
 * Reads a prompts file.
 * @throws {PromptFileError} with all that is wrong in it.
 * @throws {CommandError} it can't be read.
 */
export async function readPromptFile(path: string, shown = path): Promise<FilePrompt[]> {
  const format = fileFormatOf(path);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new CommandError(`${shown} can't be read: ${why}.`, { cause });
  });
  return parsePromptFile(shown, bytes, format);
}

/**
 * {@link readPromptFile} of bytes.
 * @param file what messages call it.
 */
export function parsePromptFile(file: string, bytes: Uint8Array, format: FileFormat): FilePrompt[] {
  const { prompts, faults } = READERS[format](decodeSource(file, bytes));
  const all = [...faults, ...prompts.flatMap(faultsOf), ...faultsOfNames(prompts)];
  if (all.length > 0) throw new PromptFileError(file, distinct(all));
  return prompts.map(({ name, definition }) => ({ name, definition, digest: digestOf(definition) }));
}

/** `definitionDigest` at once: ten thousand promises would take longer than ten thousand hashes. */
function digestOf(definition: PromptDefinition): string {
  return createHash('sha256').update(definitionText(definition)).digest('hex');
}

function faultsOf({ name, definition, locate }: RawPrompt): Fault[] {
  return faultsOfDefinition(definition).map(({ path, message }) => ({ ...locate(path), name, message }));
}

function faultsOfNames(prompts: readonly RawPrompt[]): Fault[] {
  const lines = new Map<string, number>();
  const faults: Fault[] = [];
  for (const { name, at } of prompts) {
    const first = lines.get(name);
    if (first !== undefined) {
      faults.push({
        ...at,
        name,
        message: `The prompt is already defined in line ${first}. Names must be unique.`,
      });
    }
    lines.set(name, first ?? at.line);
    try {
      checkPromptName(name);
    } catch (error) {
      faults.push({ ...at, message: (error as Error).message });
    }
  }
  if (prompts.length > MAX_PROMPTS) {
    const message = `The file has ${prompts.length} prompts; the limit is ${MAX_PROMPTS}.`;
    faults.push({ ...prompts[MAX_PROMPTS].at, message });
  }
  return faults;
}

/** A fault of the defaults affects every prompt, and is reported once. */
function distinct(faults: readonly Fault[]): Fault[] {
  const seen = new Map<string, Fault>();
  for (const fault of faults) {
    const key = `${fault.line}:${fault.column}:${fault.message}`;
    const first = seen.get(key);
    seen.set(key, first && first.name !== fault.name ? { ...first, name: undefined } : fault);
  }
  return [...seen.values()];
}
