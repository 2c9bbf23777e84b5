/** `npm run bench`: every figure of the README's table, side by side in one run on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { measureBackends } from './bench/backends.ts';
import { measureCatalogue } from './bench/catalogue.ts';
import { measureDelivery } from './bench/delivery.ts';
import { measureDiversity } from './bench/diversity.ts';
import { measureEmotion } from './bench/emotion.ts';
import { measureLoad } from './bench/load.ts';
import { measureMemory } from './bench/memory.ts';
import { measureOrigin } from './bench/origin.ts';
import { measurePeers } from './bench/peers.ts';
import { measureQuality, type QualityInputs } from './bench/quality.ts';
import { measureReferences } from './bench/references.ts';
import { measureSpeed } from './bench/speed.ts';
import { measureStyleCost } from './bench/style-cost.ts';
import { announce, printTable, type Row } from './bench/table.ts';
import { measureWatermark } from './bench/watermark.ts';
import { type Bundle, bundle } from './bench/workerd.ts';
import { measureZeroShot } from './bench/zero-shot.ts';
import { seedLocalBucket } from './lib/local-bucket.ts';
import { MODELS_FOLDER } from './lib/node-engine.ts';

/** Parts that need workerd, a bundle and a seeded bucket. */
const SERVED = ['speed', 'style', 'delivery', 'peers', 'backends', 'memory', 'load'] as const;
/** Parts that speak in this process, and need the corpora. */
const SPOKEN = ['quality', 'diversity', 'emotion', 'zero-shot', 'references', 'watermark'] as const;
const PARTS = [...SERVED, ...SPOKEN, 'origin'] as const;
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

interface Flags extends QualityInputs {
  readonly only: readonly Part[];
  readonly requests: number;
  readonly quick?: boolean;
  readonly speakerNet?: string;
}

/** What the parts share that measure a server. */
interface Served {
  readonly bench: Bundle;
  readonly product: Bundle;
  /** Folder with the seeded bucket. */
  readonly persist: string;
}

async function serve(work: string): Promise<Served> {
  announce('bundling and seeding');
  const bench = await bundle('scripts/bench/worker.ts', join(work, 'bench'));
  const product = await bundle('src/worker.ts', join(work, 'product'));
  const persist = join(work, 'state');
  await seedLocalBucket({ persistTo: persist, folder: join(MODELS_FOLDER, 'sori-2') });
  return { bench, product, persist };
}

async function measure(part: Part, flags: Flags, work: string, served?: Served): Promise<Row[]> {
  const { corpora, quick } = flags;
  if (served) {
    const { bench, product, persist } = served;
    if (part === 'speed') return measureSpeed(bench, product, persist);
    if (part === 'style') return measureStyleCost(bench, product, persist, quick ? 1 : 9);
    if (part === 'delivery') {
      const bare = await bundle('scripts/bench/bare.ts', join(work, 'bare'));
      const rows = await measureDelivery(product, bare, persist);
      return [...rows, ...(await measureCatalogue(product, persist, work))];
    }
    if (part === 'peers') return measurePeers(product, persist, work);
    if (part === 'backends') return measureBackends(bench, persist);
    if (part === 'memory') return measureMemory(bench, persist, flags.requests);
    if (part === 'load') {
      const rows = await measureLoad(product, persist, quick);
      return [...rows, ...(await measureMemory(bench, persist, quick ? 30 : flags.requests))];
    }
  }
  if (part === 'origin') return measureOrigin({ corpora, quick });
  if (part === 'quality') return measureQuality(flags, work);
  if (!corpora) return [{ what: part, measured: 'not measured: give --corpora', target: '' }];
  if (part === 'diversity') {
    return measureDiversity({ corpora, sentences: quick ? 2 : 20, seeds: quick ? 3 : 10 });
  }
  if (part === 'emotion') {
    return measureEmotion({ corpora, work, sentences: quick ? 1 : 10, seeds: quick ? 1 : 2 });
  }
  if (part === 'zero-shot') {
    const { speakerNet } = flags;
    const [sentences, speakers] = quick ? [2, 2] : [5, 14];
    return measureZeroShot({ corpora, work, sentences, speakers, speakerNet });
  }
  if (part === 'watermark') {
    const [recordings, clips] = quick ? [4, 3] : [48, 25];
    return measureWatermark({ corpora, work, recordings, clips });
  }
  return measureReferences({ corpora, passages: quick ? 3 : 100 });
}

await new Command('bench')
  .description('Measure speed, memory, quality and control, and print one Markdown table.')
  .argument('[parts]', 'the same as --only: `npm run bench -- load`', parts)
  .option('--only <parts>', `some of ${PARTS.join(',')}`, parts, [...PARTS])
  .option('--requests <count>', 'requests of the memory run', count, 3000)
  .option('--quick', 'a few runs, sentences and speakers only: to see that it works')
  .option(
    '--speaker-net <model>',
    'speaker net (scripts/train/train_speaker_net.py) that judges clones beside the style encoder',
    process.env.SORI_SPEAKER_NET,
  )
  .option(
    '--corpora <folder>',
    `folder with the speech corpora, for ${SPOKEN.join(', ')}`,
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
  .action(async (named: readonly Part[] | undefined, given: Flags) => {
    const flags = named ? { ...given, only: named } : given;
    const work = await mkdtemp(join(tmpdir(), 'sori-bench-'));
    try {
      const served = SERVED.some((part) => flags.only.includes(part)) ? await serve(work) : undefined;
      const rows: Row[] = [];
      for (const part of PARTS.filter((name) => flags.only.includes(name))) {
        rows.push(...(await measure(part, flags, work, served)));
      }
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
