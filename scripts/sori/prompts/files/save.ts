import type { Command } from 'commander';
import { userPath } from '../../../lib/user-path.ts';
import { printJson } from '../../output.ts';
import { writeWhole } from '../../write-whole.ts';
import type { CatalogueFilter } from '../catalogue.ts';
import { environmentOf } from '../environment.ts';
import { fileFormatOf } from './prompt-file.ts';
import { writePromptFile } from './write-file.ts';

/** `sori prompts save <file>`: the catalogue as a prompts file, to begin one with. */
export async function save(file: string, filter: CatalogueFilter, command: Command): Promise<void> {
  const { catalogue, json } = environmentOf(command);
  const format = fileFormatOf(file);
  const prompts = await catalogue.list(filter);
  const named = prompts.map(({ name, definition = {} }) => ({ name, definition }));
  await writeWhole(userPath(file), new TextEncoder().encode(writePromptFile(named, format)));
  if (json) printJson({ file, prompts: prompts.length });
  else console.log(`${file}: ${prompts.length} prompts.`);
}
