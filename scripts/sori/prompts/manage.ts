import type { Command } from 'commander';
import type { AudioFormatId } from '../../../src/audio/format.ts';
import type { PromptAnswer } from '../../../src/features/prompts/answer.ts';
import { userPath } from '../../lib/user-path.ts';
import { printJson, table, when } from '../output.ts';
import { writeWhole } from '../write-whole.ts';
import { type CatalogueFilter, pathOf } from './catalogue.ts';
import { environmentOf } from './environment.ts';

/** Characters of a text that lists show. */
const EXCERPT = 50;

/** `sori prompts list`. */
export async function list(filter: CatalogueFilter, command: Command): Promise<void> {
  const { catalogue, json } = environmentOf(command);
  const prompts = await catalogue.list(filter);
  if (json) return printJson(prompts);
  if (prompts.length === 0) return console.log('There is no such prompt.');
  console.log(
    table(prompts, [
      { heading: 'NAME', value: ({ name }) => name },
      { heading: 'VERSION', value: ({ version }) => version, right: true },
      { heading: 'SECONDS', value: secondsOf, right: true },
      { heading: 'VOICE', value: ({ audio }) => audio.default?.voice ?? '-' },
      { heading: 'FORMATS', value: ({ formats }) => formats.join(' ') },
      { heading: 'CHANGED', value: ({ updated_at }) => when(updated_at * 1000) },
      { heading: 'STATE', value: ({ stale }) => (stale ? 'stale' : 'current') },
      { heading: 'TEXT', value: textOf },
    ]),
  );
}

/** `sori prompts get <name>`. */
export async function get(name: string, _: unknown, command: Command): Promise<void> {
  const { catalogue, client, json } = environmentOf(command);
  const prompt = await catalogue.get(name);
  if (json) return printJson(prompt);
  const { version, stale, definition = {}, updated_at, baked_parts, urls, audio } = prompt;
  console.log(`${name}, version ${version}${stale ? ', stale' : ''}, of ${when(updated_at * 1000)}`);
  for (const [field, value] of Object.entries(definition)) {
    console.log(`  ${field}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  if (baked_parts > 0) console.log(`${baked_parts} renderings are baked ahead.`);
  for (const path of Object.values(urls)) console.log(client.address(path).href);
  for (const [locale, { seconds, loudness, key }] of Object.entries(audio)) {
    console.log(`${locale}: ${seconds.toFixed(2)} s, ${loudness?.toFixed(1) ?? '-'} LUFS, ${key}`);
  }
}

/** `sori prompts delete <name…>`. */
export async function remove(names: readonly string[], _: unknown, command: Command): Promise<void> {
  const { catalogue, json } = environmentOf(command);
  for (const name of names) {
    await catalogue.delete(name);
    if (!json) console.log(`Deleted ${name}; its versions can still be had by their keys.`);
  }
  if (json) printJson({ deleted: names });
}

/** `sori prompts purge <name>`. */
export async function purge(name: string, _: unknown, command: Command): Promise<void> {
  const { catalogue, json } = environmentOf(command);
  await catalogue.purge(name);
  if (json) printJson({ purged: name });
  else console.log(`Caches forget ${name}.`);
}

/** Flags of `sori prompts render`. */
export interface RenderFlags {
  readonly values: Readonly<Record<string, string | number>>;
  readonly out: string;
  readonly locale?: string;
  readonly format?: AudioFormatId;
}

/** `sori prompts render <name>`: a template with values in its slots, as an audio file. */
export async function render(name: string, flags: RenderFlags, command: Command): Promise<void> {
  const { client, json } = environmentOf(command);
  const { values, out, locale, format } = flags;
  const bytes = await client.bytes('POST', `${pathOf(name)}/render`, {
    body: { values, locale, format },
  });
  await writeWhole(userPath(out), bytes);
  if (json) printJson({ file: out, bytes: bytes.length });
  else console.log(`${out}: ${bytes.length} bytes.`);
}

function secondsOf({ audio }: PromptAnswer): string {
  return audio.default?.seconds.toFixed(2) ?? '-';
}

function textOf({ definition }: PromptAnswer): string {
  const text = (definition?.input ?? definition?.template ?? '').replace(/\s+/g, ' ');
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}
