import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { userPath } from '../../../lib/user-path.ts';
import { CommandError, UsageError } from '../../failures.ts';
import { printJson } from '../../output.ts';
import { type Environment, environmentOf, finishingCatalogue } from '../environment.ts';
import { type FilePrompt, readPromptFile } from '../files/prompt-file.ts';
import { PromptFileError } from '../files/source-text.ts';
import { showProgress } from '../progress.ts';
import { applySteps, type Outcome } from './apply.ts';
import { type Plan, planSync, type Step } from './plan.ts';
import { planText } from './plan-text.ts';

/** Flags of `sori prompts sync`. */
export interface SyncFlags {
  readonly prefix?: string;
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly check?: boolean;
  readonly plan?: boolean;
  readonly concurrency: number;
}

/** `sori prompts sync <file>`: synchronizes the catalogue with a file. */
export async function sync(file: string, flags: SyncFlags, command: Command): Promise<void> {
  const environment = environmentOf(command);
  const { catalogue, json } = environment;
  const looksOnly = flags.check || flags.plan;
  if (!looksOnly && !flags.yes && (json || !process.stdin.isTTY || !process.stderr.isTTY)) {
    throw new UsageError(
      'There is no terminal to ask for confirmation. Use --yes to apply the plan, --plan to show it, or --check for CI.',
    );
  }
  const prompts = await readPrompts(file, flags.prefix);
  const plan = planSync(prompts, await catalogue.list({ prefix: flags.prefix }));
  if (!json) console.log(planText(plan, { prune: flags.prune === true, stream: process.stdout }));
  if (looksOnly) {
    if (json) printJson(planJson(plan));
    if (flags.check && toDo(plan, flags).length > 0) {
      throw new CommandError(
        `The catalogue is not what ${file} says; "sori prompts sync" brings it up to date.`,
      );
    }
    return;
  }
  await apply(plan, flags, environment, command);
}

/** The steps that a sync carries out. Prompts that only the catalogue has stay there without --prune. */
function toDo({ steps }: Plan, { prune }: SyncFlags): readonly Step[] {
  return steps.filter(({ kind }) => kind !== 'removed' || prune);
}

async function apply(
  plan: Plan,
  flags: SyncFlags,
  environment: Environment,
  command: Command,
): Promise<void> {
  const { json, signal } = environment;
  const steps = toDo(plan, flags);
  if (steps.length > 0 && !flags.yes && !(await confirm(steps, signal))) {
    throw new CommandError('Nothing was changed.');
  }
  const progress = showProgress('Baking', steps.length);
  const { concurrency } = flags;
  const catalogue = finishingCatalogue(command, signal, progress.say);
  const onInterrupt = () => progress.say('Finishing what is under way; Ctrl-C again ends it at once.');
  signal.addEventListener('abort', onInterrupt);
  const outcome = await applySteps(catalogue, steps, { concurrency, progress, signal });
  signal.removeEventListener('abort', onInterrupt);
  progress.stop();
  if (json) printJson({ ...planJson(plan), ...outcome });
  conclude(outcome, steps.length, { json, signal });
}

/**
 * Prints the result.
 * @throws an error with the exit code.
 */
function conclude(
  outcome: Outcome,
  total: number,
  { json, signal }: { json: boolean; signal: AbortSignal },
): void {
  const { done, failures, left } = outcome;
  if (!json && done > 0) console.log(`Done: ${done} of ${total}.`);
  const resume = `${left} ${left === 1 ? 'is' : 'are'} left: run the same command again, and it does the rest.`;
  if (signal.aborted) {
    process.stderr.write(`Interrupted. ${resume}\n`);
    throw signal.reason;
  }
  if (failures.length === 0) return;
  const list = failures.map(({ name, message }) => `  ${name}: ${message}`).join('\n');
  const rest = left > 0 ? `\nIt was given up, as the others would have failed alike. ${resume}` : '';
  throw new CommandError(`${failures.length} of ${total} failed:\n${list}${rest}`);
}

async function readPrompts(file: string, prefix = ''): Promise<FilePrompt[]> {
  try {
    const prompts = await readPromptFile(userPath(file), file);
    const outside = prompts.filter(({ name }) => !name.startsWith(prefix));
    if (outside.length === 0) return prompts;
    const names = outside.slice(0, 5).map(({ name }) => name);
    throw new UsageError(
      `${file} has ${outside.length} prompts outside of --prefix ${prefix}, such as ${names.join(', ')}.`,
    );
  } catch (error) {
    if (error instanceof PromptFileError) throw new CommandError(`${file} is not right:\n${error.message}`);
    throw error;
  }
}

async function confirm(steps: readonly Step[], signal: AbortSignal): Promise<boolean> {
  const deletions = steps.filter(({ kind }) => kind === 'removed').length;
  const bakes = steps.length - deletions;
  const what = [bakes > 0 && `bake ${bakes}`, deletions > 0 && `delete ${deletions}`]
    .filter(Boolean)
    .join(' and ');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // readline would otherwise take Ctrl-C for itself.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question(`Go ahead and ${what}? [y/N] `, { signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** A plan for programs: names by kind, and of changed ones what changes. */
function planJson({ steps, unchanged }: Plan) {
  const names = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).map(({ name }) => name);
  const changed = steps.flatMap((step) =>
    step.kind === 'changed' ? [{ name: step.name, changes: step.changes }] : [],
  );
  return { new: names('new'), changed, stale: names('stale'), removed: names('removed'), unchanged };
}
