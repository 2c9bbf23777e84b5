import { resolve } from 'node:path';
import { Command } from 'commander';
import { publishModel } from '../lib/publish-model.ts';
import { openWranglerBucket, printingBucket } from '../lib/wrangler-bucket.ts';
import { CommandError } from '../sori/failures.ts';
import { confirm } from './confirm.ts';
import { firstKey, firstPhrase, waitUntilReady } from './first-phrase.ts';
import { PLAN } from './plan.ts';
import { CREATE, MIGRATE, NAMES } from './resources.ts';
import { LIST, missingSecrets, withSecretsFile } from './secrets.ts';
import { type Order, SetupError, Wrangler } from './wrangler.ts';

interface Flags {
  dryRun: boolean;
  yes: boolean;
  folder: string;
}

const MODEL = resolve(import.meta.dirname, '../../shards/sori-2');
const BUCKET = { bucketName: NAMES.bucket, flags: ['--remote'], program: ['wrangler'] };

/**
 * Sets everything up.
 * @param args as `process.argv` has them after the script.
 * @returns the exit code.
 */
export async function runSetup(args: readonly string[]): Promise<number> {
  const program = new Command('setup')
    .description(
      'Deploy Sori to your Cloudflare account and speak a first phrase. Existing resources are kept.',
    )
    .option('--dry-run', 'print every command and change nothing', false)
    .option('-y, --yes', 'ask nothing', false)
    .option('--folder <folder>', 'packed model to publish', MODEL)
    .addHelpText(
      'after',
      `
It needs a Cloudflare account with Workers Paid. wrangler finds the account by your login, or by CLOUDFLARE_API_TOKEN and
CLOUDFLARE_ACCOUNT_ID.

Examples:
  npm run setup -- --dry-run
  npm run setup
  npm run teardown`,
    )
    .action(setUp);
  return await exitCode(() => program.parseAsync(args, { from: 'user' }));
}

/** Runs a command. Failures that a user can act on are printed without a stack trace. @returns the exit code. */
export async function exitCode(work: () => Promise<unknown>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    const known = error instanceof SetupError || error instanceof CommandError;
    console.error(known ? error.message : error);
    return 1;
  }
}

const DEPLOY = ['deploy'];

async function setUp({ dryRun, yes, folder }: Flags): Promise<void> {
  const wrangler = new Wrangler({ dryRun, print: console.log });
  console.log(`${PLAN}\n`);
  if (!dryRun) await confirm('Does your account have Workers Paid?', yes);

  console.log('1. Log in');
  await logIn(wrangler, dryRun);
  console.log('2. Create the bucket, the database and the queues');
  for (const order of CREATE) await wrangler.run(order);
  console.log('3. Publish the model');
  await publish(folder, dryRun);
  console.log('4. Bring the database up to date');
  await wrangler.run(MIGRATE);
  console.log('5. Deploy, with the secrets that the Worker lacks');
  const { url, adminKey } = await deploy(wrangler, dryRun);
  console.log('6. Make the first API key and speak');
  if (dryRun) {
    console.log('  POST /v1/keys, POST /v1/audio/speech');
    return;
  }
  await speak(url, adminKey);
}

async function logIn(wrangler: Wrangler, dryRun: boolean): Promise<void> {
  if (dryRun) {
    await wrangler.run({ args: ['whoami', '--json'] });
    await wrangler.run({ args: ['login'] });
    return;
  }
  const { code } = await wrangler.ask({ args: ['whoami', '--json'] });
  if (code === 0) return console.log('  You are logged in.');
  await wrangler.run({ args: ['login'], interactive: true });
}

async function publish(folder: string, dryRun: boolean): Promise<void> {
  const print = (line: string) => console.log(`  ${line}`);
  const bucket = dryRun ? printingBucket(BUCKET, undefined, print) : openWranglerBucket(BUCKET);
  const { uploaded, skipped } = await publishModel(bucket, folder, dryRun ? { parallel: 1 } : {});
  console.log(
    `  ${uploaded} files ${dryRun ? 'to upload at most' : 'uploaded'}, ${skipped} were already there.`,
  );
}

/** Deploys code and secrets in one version, so that no version is without its secrets. */
async function deploy(wrangler: Wrangler, dryRun: boolean) {
  if (dryRun) {
    await wrangler.run({ args: LIST });
    await wrangler.run({ args: [...DEPLOY, '--secrets-file', 'secrets.json'] });
    return { url: new URL('https://sori.example.workers.dev'), adminKey: undefined };
  }
  const { values, adminKey } = await missingSecrets(wrangler);
  const order = (...more: string[]): Order => ({ args: [...DEPLOY, ...more] });
  const output =
    Object.keys(values).length === 0
      ? await wrangler.run(order())
      : await withSecretsFile(values, (path) => wrangler.run(order('--secrets-file', path)));
  if (adminKey !== undefined) {
    console.log(`\n  The administrator's key. Keep it: it is shown once.\n\n    ${adminKey}\n`);
  }
  const address = /https?:\/\/\S+/.exec(output.replace(/https:\/\/developers\.\S+/g, ''))?.[0];
  if (address === undefined) {
    throw new SetupError(
      `The Worker is deployed, but wrangler names no address. Give it a route or a workers.dev name:\n${output}`,
    );
  }
  return { url: new URL(address), adminKey };
}

async function speak(url: URL, adminKey: string | undefined): Promise<void> {
  await waitUntilReady(url);
  // The key of an earlier run is not stored anywhere.
  const admin = adminKey ?? (process.env.SORI_API_KEY || undefined);
  if (admin === undefined) {
    console.log(
      `  ${url.origin} is ready. To speak a phrase here, set SORI_API_KEY to the administrator's key.`,
    );
    return;
  }
  const key = await firstKey(url, admin);
  const audio = await firstPhrase(url, key);
  console.log(`
Sori is ready at ${url.origin}

  An API key for your programs:  ${key}
  Its first phrase:              ${audio.href}`);
}
