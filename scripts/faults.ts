/** `npm run test:faults`: kills, corrupts, stalls and floods a real server, and prints what survived. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type FaultyServer, startServer } from './faults/server.ts';
import { corrupted, flooded, fuzzed, killed, type Outcome, stalled, strangers } from './faults/steps.ts';

function count(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('expected a whole number.');
  return Number(value);
}

function print(outcomes: readonly Outcome[]): void {
  console.log('| fault | survived | lost |\n|---|---|---|');
  for (const { what, survived, lost, note } of outcomes) {
    console.log(`| ${what}${note ? ` (${note})` : ''} | ${survived} | ${lost} |`);
  }
}

async function withoutKeys(folder: string, fuzz: number, seed: number): Promise<Outcome[]> {
  let server: FaultyServer = await startServer(folder);
  const outcomes: Outcome[] = [];
  try {
    for (const step of [killed, corrupted]) {
      const [outcome, again] = await step(folder, server);
      server = again;
      outcomes.push(outcome);
    }
    outcomes.push(await stalled(server), await flooded(server));
    if (fuzz > 0) outcomes.push(await fuzzed(server, fuzz, seed));
    return outcomes;
  } finally {
    await server.kill();
  }
}

async function withKeys(folder: string, reads: number): Promise<Outcome[]> {
  if (reads === 0) return [];
  const admin = randomBytes(24).toString('base64url');
  const hash = createHash('sha256').update(admin).digest('hex');
  const server = await startServer(folder, { args: ['--auth'], env: { ADMIN_KEY_SHA256: hash } });
  try {
    return [await strangers(server, admin, reads)];
  } finally {
    await server.kill();
  }
}

await new Command('test:faults')
  .description(
    'Kill, corrupt, stall, flood and fuzz a real server, and print what survived and what was lost.',
  )
  .option('--fuzz <count>', 'random requests', count, 2000)
  .option('--reads <count>', "reads of another key's jobs", count, 1000)
  .option('--seed <number>', 'of the random requests', count, 1)
  .action(async ({ fuzz, reads, seed }: { fuzz: number; reads: number; seed: number }) => {
    const folder = await mkdtemp(join(tmpdir(), 'sori-faults-'));
    try {
      const outcomes = [...(await withoutKeys(folder, fuzz, seed)), ...(await withKeys(folder, reads))];
      print(outcomes);
      if (outcomes.some(({ lost }) => lost > 0)) process.exitCode = 1;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`test:faults: ${error.message}`);
    process.exitCode = 1;
  });
