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

/** Faults, in the order in which they are made. */
const FAULTS = ['kill', 'damage', 'stall', 'flood', 'fuzz', 'reads'] as const;
type Fault = (typeof FAULTS)[number];

function faults(value: string): Fault[] {
  const names = value.split(',').map((name) => name.trim());
  const known = names.filter((name): name is Fault => FAULTS.some((fault) => fault === name));
  if (known.length < names.length) throw new InvalidArgumentError(`expected some of ${FAULTS.join(',')}.`);
  return known;
}

interface Flags {
  readonly only: readonly Fault[];
  readonly fuzz: number;
  readonly reads: number;
  readonly seed: number;
}

/** Prints an outcome as a row. */
function print({ what, survived, lost, note }: Outcome): void {
  console.log(`| ${what}${note ? ` (${note.replace(/[|\n]/g, ' ')})` : ''} | ${survived} | ${lost} |`);
}

async function* withoutKeys(folder: string, { only, fuzz, seed }: Flags): AsyncGenerator<Outcome> {
  if (only.every((fault) => fault === 'reads')) return;
  let server: FaultyServer = await startServer(folder);
  try {
    for (const [fault, step] of [['kill', killed] as const, ['damage', corrupted] as const]) {
      if (!only.includes(fault)) continue;
      const [outcome, again] = await step(folder, server);
      server = again;
      yield outcome;
    }
    if (only.includes('stall')) yield await stalled(server);
    if (only.includes('flood')) yield await flooded(server);
    if (only.includes('fuzz') && fuzz > 0) yield await fuzzed(server, fuzz, seed);
  } finally {
    await server.kill();
  }
}

async function* withKeys(folder: string, { only, reads }: Flags): AsyncGenerator<Outcome> {
  if (!only.includes('reads') || reads === 0) return;
  const admin = randomBytes(24).toString('base64url');
  const hash = createHash('sha256').update(admin).digest('hex');
  const server = await startServer(folder, { args: ['--auth'], env: { ADMIN_KEY_SHA256: hash } });
  try {
    yield await strangers(server, admin, reads);
  } finally {
    await server.kill();
  }
}

await new Command('test:faults')
  .description(
    'Kill, corrupt, stall, flood and fuzz a real server, and print what survived and what was lost.',
  )
  .option('--only <faults>', `some of ${FAULTS.join(',')}`, faults, [...FAULTS])
  .option('--fuzz <count>', 'random requests', count, 2000)
  .option('--reads <count>', "reads of another key's jobs", count, 1000)
  .option('--seed <number>', 'of the random requests', count, 1)
  .action(async (flags: Flags) => {
    const folder = await mkdtemp(join(tmpdir(), 'sori-faults-'));
    try {
      console.log('| fault | survived | lost |\n|---|---|---|');
      for (const part of [withoutKeys, withKeys]) {
        for await (const outcome of part(folder, flags)) {
          print(outcome);
          if (outcome.lost > 0) process.exitCode = 1;
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`test:faults: ${error.message}`);
    process.exitCode = 1;
  });
