import { availableParallelism } from 'node:os';
import { Presets, SingleBar } from 'cli-progress';
import { type Command, Option } from 'commander';
import { checkModel } from '../../../src/models/check.ts';
import { ModelFault, type ModelManifest, memoryOf } from '../../../src/models/manifest.ts';
import type { InstalledModel } from '../../../src/models/store.ts';
import { CommandError } from '../failures.ts';

/** Default models folder of an origin: `models` in its STATE_DIR. */
const DEFAULT_DIRECTORY = '.sori/models';

const GRAPHS = { providers: ['cpu'], threads: availableParallelism() };

/** Flags of {@link withDirectory}. */
export interface DirectoryFlags {
  directory: string;
}

/** Adds `--directory`. */
export function withDirectory(command: Command): Command {
  return command.addOption(
    new Option('--directory <folder>', 'models directory of the origin')
      .env('SORI_MODELS')
      .default(DEFAULT_DIRECTORY),
  );
}

/**
 * Checks a model and shows how far the check is.
 * @throws {ModelFault} with the fault in one line.
 */
export async function checked(
  model: InstalledModel,
  json: boolean,
  signal: AbortSignal,
): Promise<ModelManifest> {
  const bytes = model.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return await withProgress(`Checking ${model.manifest.id}`, bytes, json, (onBytes) =>
    checkModel(model, { graphs: GRAPHS, onBytes, signal }),
  );
}

/** Shows a progress bar if standard error is a terminal. */
export async function withProgress<T>(
  what: string,
  total: number,
  json: boolean,
  work: (onBytes: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  if (json || !process.stderr.isTTY) return await work(() => {});
  const format = `${what} {bar} {percentage}%`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_grey);
  bar.start(total, 0);
  try {
    return await work((bytes) => bar.increment(bytes));
  } finally {
    bar.stop();
  }
}

/** Runs work whose {@link ModelFault} becomes one line that names the folder. */
export async function faults<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error;
    const { message } = error;
    throw new CommandError(message.includes(name) ? message : `${name}: ${message}`);
  }
}

/** A model in one line. */
export function describeModel(manifest: ModelManifest): string {
  const { id, version, task, driver, licence, voices } = manifest;
  const about = [`${task} by driver ${driver}`, `licence ${licence}`];
  if (voices.length > 0) about.push(`${voices.length} voices`);
  about.push(`${mebibytes(memoryOf(manifest))} of memory`);
  return `${id} ${version}: ${about.join(', ')}.`;
}

/** A number of bytes in MiB, rounded up. */
export const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
