/** `sori models`: models of other makers, in the models directory of an origin on this machine. */
import { availableParallelism } from 'node:os';
import { Presets, SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { checkModel, describeFolder } from '../../src/models/check.ts';
import { ModelFault, type ModelManifest, memoryOf } from '../../src/models/manifest.ts';
import { type InstalledModel, ModelStore } from '../../src/models/store.ts';
import { userPath } from '../lib/user-path.ts';
import { sessionOf } from './config.ts';
import { CommandError } from './failures.ts';
import { type Column, printJson, table } from './output.ts';

/** Default models folder of an origin: `models` in its STATE_DIR. */
const DEFAULT_DIRECTORY = '.sori/models';

const GRAPHS = { providers: ['cpu'], threads: availableParallelism() };

interface DirectoryFlags {
  directory: string;
}

interface AddFlags extends DirectoryFlags {
  id?: string;
  driver?: string;
  licence?: string;
  replace?: boolean;
}

/** The `models` command. */
export function modelsCommand(): Command {
  const command = new Command('models')
    .description('Add, list, check and remove models of other makers on an origin. Works without a server.')
    .addHelpText(
      'after',
      `
A running origin finds what was added or removed within ten seconds. docs/models.md describes the folders.

Examples:
  npm run sori -- models add ./kokoro
  npm run sori -- models list
  npm run sori -- models check
  npm run sori -- models remove kokoro`,
    );
  return command.addCommand(add()).addCommand(list()).addCommand(check()).addCommand(remove());
}

function add(): Command {
  return withDirectory(new Command('add'))
    .description('Check a model folder and copy it into the models directory.')
    .argument('<folder>', 'folder with model.json, or with files that a driver recognizes')
    .option('--id <name>', 'name of the model in requests (default: the id in model.json)')
    .option('--driver <name>', 'driver, for a folder without model.json')
    .option('--licence <name>', 'licence, if the folder states none')
    .option('--replace', 'replace a model of the same name')
    .addHelpText(
      'after',
      `
Everything is checked before the model is there for requests: hashes, operators, inputs and outputs, and one run.

Examples:
  npm run sori -- models add ./whisper-base
  npm run sori -- models add ./Kokoro-82M-v1.0-ONNX --id kokoro --replace`,
    )
    .action(async (path: string, flags: AddFlags, command: Command) => {
      const { json, signal } = sessionOf(command);
      const source = userPath(path);
      const store = new ModelStore(userPath(flags.directory));
      const { manifest } = await faults(path, async () => {
        const { id, driver, licence } = flags;
        const described = await withProgress('Hashing', undefined, json, (onBytes) =>
          describeFolder(source, { id, driver, licence, onBytes, signal }),
        );
        const options = { replace: flags.replace, signal };
        return await store.add(described, source, (copy) => checked(copy, json, signal), options);
      });
      if (json) return printJson(manifest);
      console.log(`Added ${describeModel(manifest)}`);
    });
}

function list(): Command {
  return withDirectory(new Command('list'))
    .description('List the models of the models directory.')
    .action(async (flags: DirectoryFlags, command: Command) => {
      const { json } = sessionOf(command);
      const { models, broken } = await new ModelStore(userPath(flags.directory)).list();
      if (json) return printJson({ models: models.map(({ manifest }) => manifest), broken });
      if (models.length === 0 && broken.length === 0) {
        console.log(`No models in ${flags.directory}.`);
        return;
      }
      if (models.length > 0) console.log(table(models, COLUMNS));
      for (const { id, reason } of broken) console.log(`${id}: ${reason}`);
    });
}

function check(): Command {
  return withDirectory(new Command('check'))
    .description('Check models as `add` does: hashes, operators, inputs and outputs, and one run.')
    .argument('[ids...]', 'names (default: all)')
    .action(async (ids: string[], flags: DirectoryFlags, command: Command) => {
      const { json, signal } = sessionOf(command);
      const { models, broken } = await new ModelStore(userPath(flags.directory)).list();
      const known = [...models.map(({ manifest }) => manifest.id), ...broken.map(({ id }) => id)];
      const strange = ids.find((id) => !known.includes(id));
      if (strange !== undefined) throw new CommandError(`There is no model ${strange} in ${flags.directory}`);
      const wanted = (id: string) => ids.length === 0 || ids.includes(id);
      const found = broken.filter(({ id }) => wanted(id)).map(({ id, reason }) => ({ id, fault: reason }));
      const results: { id: string; fault?: string }[] = found;
      for (const model of models.filter(({ manifest }) => wanted(manifest.id))) {
        const { id } = model.manifest;
        try {
          await checked(model, json, signal);
          results.push({ id });
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof ModelFault)) throw error;
          results.push({ id, fault: error.message });
        }
      }
      if (json) printJson(results);
      else for (const { id, fault } of results) console.log(`${id}: ${fault ?? 'good'}`);
      if (results.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
    });
}

function remove(): Command {
  return withDirectory(new Command('remove'))
    .description('Remove a model and its files from the models directory.')
    .argument('<id>', 'its name')
    .action(async (id: string, flags: DirectoryFlags, command: Command) => {
      const { json } = sessionOf(command);
      const removed = await new ModelStore(userPath(flags.directory)).remove(id);
      if (!removed) throw new CommandError(`There is no model ${id} in ${flags.directory}`);
      if (json) printJson({ id, removed });
      else console.log(`Removed ${id}.`);
    });
}

function withDirectory(command: Command): Command {
  return command.addOption(
    new Option('--directory <folder>', 'models directory of the origin')
      .env('SORI_MODELS')
      .default(DEFAULT_DIRECTORY),
  );
}

const COLUMNS: readonly Column<InstalledModel>[] = [
  { heading: 'MODEL', value: ({ manifest }) => manifest.id },
  { heading: 'VERSION', value: ({ manifest }) => manifest.version },
  { heading: 'TASK', value: ({ manifest }) => manifest.task },
  { heading: 'DRIVER', value: ({ manifest }) => manifest.driver },
  { heading: 'LICENCE', value: ({ manifest }) => manifest.licence },
  { heading: 'VOICES', value: ({ manifest }) => manifest.voices.length, right: true },
  { heading: 'MEMORY', value: ({ manifest }) => mebibytes(memoryOf(manifest)), right: true },
];

async function checked(model: InstalledModel, json: boolean, signal: AbortSignal): Promise<ModelManifest> {
  const bytes = model.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return await withProgress(`Checking ${model.manifest.id}`, bytes, json, (onBytes) =>
    checkModel(model, { graphs: GRAPHS, onBytes, signal }),
  );
}

/** Shows a progress bar if standard error is a terminal. */
async function withProgress<T>(
  what: string,
  total: number | undefined,
  json: boolean,
  work: (onBytes: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  if (json || !process.stderr.isTTY || total === undefined) return await work(() => {});
  const format = `${what} {bar} {percentage}%`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_grey);
  bar.start(total, 0);
  try {
    return await work((bytes) => bar.increment(bytes));
  } finally {
    bar.stop();
  }
}

/** Faults of a folder in one line that begins with its name. */
async function faults<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error;
    const { message } = error;
    throw new CommandError(message.includes(name) ? message : `${name}: ${message}`);
  }
}

function describeModel(manifest: ModelManifest): string {
  const { id, version, task, driver, licence, voices } = manifest;
  const about = [`${task} by driver ${driver}`, `licence ${licence}`];
  if (voices.length > 0) about.push(`${voices.length} voices`);
  about.push(`${mebibytes(memoryOf(manifest))} of memory`);
  return `${id} ${version}: ${about.join(', ')}.`;
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
