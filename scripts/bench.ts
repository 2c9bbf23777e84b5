/** `npm run bench`: every figure of the README's table, side by side in one run on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { measureMemory } from './bench/memory.ts';
import { measurePeers } from './bench/peers.ts';
import { measureQuality, type QualityInputs } from './bench/quality.ts';
import { measureSpeed } from './bench/speed.ts';
import { announce, printTable, type Row } from './bench/table.ts';
import { bundle } from './bench/workerd.ts';
import { seedLocalBucket } from './lib/local-bucket.ts';
import { MODELS_FOLDER } from './lib/node-engine.ts';

const PARTS = ['speed', 'memory', 'peers', 'quality'] as const;
type Part = (typeof PARTS)[number];

function parts(value: string): Part[] {
  const names = value.split(',').map((name) => PARTS.find((part) => part === name.trim()));
  if (names.some((name) => name === undefined))
    throw new InvalidArgumentError(`expected some of ${PARTS.join(',')}.`);
  return names as Part[];
}

function count(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a whole number above 0.');
  return Number(value);
}

await new Command('bench')
  .description('Measure speed, memory, peers and quality, and print one Markdown table.')
  .option('--only <parts>', `some of ${PARTS.join(',')}`, parts, [...PARTS])
  .option('--requests <count>', 'requests of the memory run', count, 1000)
  .option(
    '--corpora <folder>',
    'folder with the speech corpora (kathleen, ljspeech), for quality',
    process.env.SORI_CORPORA,
  )
  .option(
    '--features <folder>',
    'feature store that scripts/train/features.py made of them',
    process.env.SORI_FEATURES,
  )
  .option('--copies <folder>', 'copy-synthesis of the held-out clips (scripts/train/synthesize.py --copy)')
  .option(
    '--dnsmos <model>',
    'DNSMOS graph (dnsmos_sig_bak_ovr.onnx of microsoft/DNS-Challenge), for quality',
    process.env.SORI_DNSMOS,
  )
  .action(async (flags: { only: Part[]; requests: number } & QualityInputs) => {
    const work = await mkdtemp(join(tmpdir(), 'sori-bench-'));
    try {
      announce('bundling and seeding');
      const bench = await bundle('scripts/bench/worker.ts', join(work, 'bench'));
      const product = await bundle('src/worker.ts', join(work, 'product'));
      const persist = join(work, 'state');
      await seedLocalBucket({ persistTo: persist, folder: join(MODELS_FOLDER, 'sori-1') });
      const rows: Row[] = [];
      if (flags.only.includes('speed')) rows.push(...(await measureSpeed(bench, product, persist)));
      if (flags.only.includes('peers')) rows.push(...(await measurePeers(product, persist, work)));
      // Neither of these two measures time, so they may share the machine.
      const [memory, quality] = await Promise.all([
        flags.only.includes('memory') ? measureMemory(bench, persist, flags.requests) : [],
        flags.only.includes('quality') ? measureQuality(flags, work) : [],
      ]);
      rows.push(...memory, ...quality);
      printTable(rows);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
  });
