import { Command } from 'commander';
import { confirm } from './confirm.ts';
import { REMOVE, REMOVE_BUCKET } from './resources.ts';
import { exitCode } from './run.ts';
import { SetupError, Wrangler } from './wrangler.ts';

interface Flags {
  dryRun: boolean;
  yes: boolean;
}

/**
 * Removes the Worker, the queues, the database and the bucket.
 * @param args as `process.argv` has them after the script.
 * @returns the exit code.
 */
export async function runTeardown(args: readonly string[]): Promise<number> {
  const program = new Command('teardown')
    .description('Remove the Worker, its queues, its database and its bucket from your Cloudflare account.')
    .option('--dry-run', 'print every command and change nothing', false)
    .option('-y, --yes', 'ask nothing', false)
    .addHelpText(
      'after',
      `
Keys, prompts, usage and jobs are lost. A bucket with audio in it stays: empty it first.`,
    )
    .action(tearDown);
  return await exitCode(() => program.parseAsync(args, { from: 'user' }));
}

async function tearDown({ dryRun, yes }: Flags): Promise<void> {
  if (!dryRun)
    await confirm('Remove the Worker and its database, with all keys, prompts, usage and jobs?', yes);
  const wrangler = new Wrangler({ dryRun, print: console.log });
  for (const order of REMOVE) await wrangler.run(order);
  try {
    await wrangler.run(REMOVE_BUCKET);
  } catch (error) {
    if (!(error instanceof SetupError) || !/not empty/i.test(error.message)) throw error;
    console.log('The bucket stays, because it holds audio. Empty it in the dashboard, then run this again:');
    console.log('  https://dash.cloudflare.com/?to=/:account/r2/default/buckets/sori');
  }
}
