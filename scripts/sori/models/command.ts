/** `sori models`: models of other makers, in the models directory of an origin on this machine. */
import { Command } from 'commander';
import { ModelFault, memoryOf } from '../../../src/models/manifest.ts';
import { type InstalledModel, ModelStore } from '../../../src/models/store.ts';
import { userPath } from '../../lib/user-path.ts';
import { sessionOf } from '../config.ts';
import { CommandError } from '../failures.ts';
import { type Column, printJson, table } from '../output.ts';
import { addCommand } from './add.ts';
import { checked, type DirectoryFlags, mebibytes, withDirectory } from './common.ts';

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
  return command.addCommand(addCommand()).addCommand(list()).addCommand(check()).addCommand(remove());
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

const COLUMNS: readonly Column<InstalledModel>[] = [
  { heading: 'MODEL', value: ({ manifest }) => manifest.id },
  { heading: 'VERSION', value: ({ manifest }) => manifest.version },
  { heading: 'TASK', value: ({ manifest }) => manifest.task },
  { heading: 'DRIVER', value: ({ manifest }) => manifest.driver },
  { heading: 'LICENCE', value: ({ manifest }) => manifest.licence },
  { heading: 'VOICES', value: ({ manifest }) => manifest.voices.length, right: true },
  { heading: 'MEMORY', value: ({ manifest }) => mebibytes(memoryOf(manifest)), right: true },
];
