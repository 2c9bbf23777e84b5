import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_LOCALE } from '../../../src/features/prompts/catalogue/definition.ts';
import { formatOption } from '../../lib/format-flag.ts';
import type { exportPrompts } from './export/export.ts';
import { LAYOUTS } from './export/layouts.ts';
import type { save } from './files/save.ts';
import { get, list, purge, remove, render } from './manage.ts';
import type { report } from './report/report.ts';
import type { sync } from './sync/sync.ts';

/** These are loaded when they run: the readers and writers of YAML, CSV and ZIP take longer to load than most commands to run. */
const ACTIONS = {
  sync: async (...args: Parameters<typeof sync>) => (await import('./sync/sync.ts')).sync(...args),
  exportPrompts: async (...args: Parameters<typeof exportPrompts>) =>
    (await import('./export/export.ts')).exportPrompts(...args),
  report: async (...args: Parameters<typeof report>) => (await import('./report/report.ts')).report(...args),
  save: async (...args: Parameters<typeof save>) => (await import('./files/save.ts')).save(...args),
};

/** Maximum concurrent requests. */
const MAX_CONCURRENCY = 64;

/** A flag for a whole number. */
const whole = (low: number, high: number) => (value: string) => {
  const parsed = Number(value);
  if (/^\d+$/.test(value) && parsed >= low && parsed <= high) return parsed;
  throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`);
};

/** A repeatable flag for a slot's value. Digits are passed as a number. */
function slotValue(pair: string, before: Record<string, string | number>): Record<string, string | number> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined) throw new InvalidArgumentError('expected NAME=VALUE, as in count=4.');
  const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
  return { ...before, [name]: number ?? value };
}

/** A flag for a locale in any case: `en-au` is `en-AU`. */
function localeTag(value: string): string {
  try {
    return value === DEFAULT_LOCALE ? value : Intl.getCanonicalLocales(value)[0];
  } catch {
    throw new InvalidArgumentError('expected a BCP 47 tag such as en-AU, or default.');
  }
}

const concurrency = (preset: number) =>
  new Option('-c, --concurrency <count>', 'concurrent requests')
    .argParser(whole(1, MAX_CONCURRENCY))
    .default(preset);
const prefix = () => new Option('--prefix <text>', 'only prompts whose names begin with this text');
const tag = () => new Option('--tag <tag>', 'only prompts with this tag');
const locale = () =>
  new Option('--locale <tag>', 'only this locale; "default" is the recording without a locale').argParser(
    localeTag,
  );

/** `sori prompts …`: the catalogue of prompts and its files. */
export function promptsCommand(): Command {
  const prompts = new Command('prompts').description(
    'keep a catalogue of prompts in a file, and bake its audio',
  );

  prompts
    .command('sync')
    .description('apply a prompts file to the catalogue: plan, ask, bake missing audio')
    .argument('<file>', 'prompts.yaml, .json or .csv')
    .addOption(
      new Option('--prefix <text>', 'the file manages only names that begin with this text; default: all'),
    )
    .option('--prune', 'delete prompts that are in the catalogue only')
    .option('-y, --yes', "don't ask")
    .addOption(new Option('--plan', 'show the plan only').conflicts('check'))
    .addOption(new Option('--dry-run', 'as --plan').implies({ plan: true }).conflicts('check'))
    .addOption(new Option('--check', 'for CI: show the plan; exit code 1 unless there is nothing to do'))
    .addOption(concurrency(4))
    .addHelpText(
      'after',
      `
A file:
  defaults: {voice: hazel, formats: [mp3, opus, wav-8k]}
  prompts:
    menu/welcome: Welcome to the Blue Door.
    menu/hours:
      input: We are open from noon.
      speed: 0.95
      locales: {en-AU: {voice: cameron}}

As CSV: the first row names the columns (name, input, voice, formats, speed, input:en-AU, …).
Prompts are compared by their digests; what is the same costs nothing. A prompt that somebody else changes meanwhile is left alone.`,
    )
    .action(ACTIONS.sync);

  prompts
    .command('export')
    .description('write audio files, for a telephone exchange or an app')
    .addOption(formatOption().makeOptionMandatory())
    .addOption(new Option('--layout <layout>', 'how files are named').choices(LAYOUTS).default('plain'))
    .option('--zip <file>', 'into a ZIP file; the same prompts give the same bytes')
    .option('--out <folder>', 'into a folder')
    .addOption(prefix())
    .addOption(tag())
    .addOption(locale())
    .addOption(concurrency(8))
    .action(ACTIONS.exportPrompts);

  prompts
    .command('report')
    .description('write a page with every prompt: player, waveform, loudness, text')
    .argument('<file>', 'report.html')
    .addOption(
      new Option('--embed [KiB]', 'embed audio files of at most this size in the page')
        .argParser(whole(1, 1 << 20))
        .default(false),
    )
    .addOption(prefix())
    .addOption(tag())
    .addOption(locale())
    .addOption(concurrency(8))
    .action(ACTIONS.report);

  const filtered = (command: Command) =>
    command.addOption(prefix()).addOption(tag()).option('--voice <voice>', 'only of this voice');
  filtered(prompts.command('list'))
    .description('list prompts')
    .option('--stale', 'only prompts baked with another model or synthesis version than the current one')
    .action(list);
  filtered(prompts.command('save'))
    .description('write the catalogue as a prompts file')
    .argument('<file>', 'prompts.yaml, .json or .csv')
    .action(ACTIONS.save);
  prompts.command('get').description('show a prompt').argument('<name>').action(get);
  prompts.command('delete').description('delete prompts').argument('<name...>').action(remove);
  prompts.command('purge').description('purge a prompt from caches').argument('<name>').action(purge);
  prompts
    .command('render')
    .description('speak a template with values in its slots')
    .argument('<name>')
    .option('--values <name=value>', 'value of a slot; may be repeated', slotValue, {})
    .requiredOption('-o, --out <file>', 'audio file')
    .addOption(new Option('--locale <tag>', 'in this locale').argParser(localeTag))
    .addOption(formatOption())
    .action(render);
  return prompts;
}
