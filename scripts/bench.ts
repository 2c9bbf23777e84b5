/** `npm run bench`: the figures of docs/figures.md, measured on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { measureBackends } from './bench/edge/backends.ts';
import { measureCatalogue } from './bench/edge/catalogue.ts';
import { measureDelivery } from './bench/edge/delivery.ts';
import { measurePeers } from './bench/edge/peers.ts';
import { measureSpeed } from './bench/edge/speed.ts';
import { measureStyleCost } from './bench/edge/style-cost.ts';
import { measureFairness } from './bench/load/fairness.ts';
import { measureFirstBytes } from './bench/load/first-bytes.ts';
import { measureSoak } from './bench/load/soak.ts';
import { measureThroughput } from './bench/load/throughput.ts';
import { measureOrigin } from './bench/origin/origin.ts';
import { announce, createTable, type Row } from './bench/table.ts';
import { measureText } from './bench/text/text.ts';
import { measureDiversity } from './bench/voice/diversity.ts';
import { measureEmotion } from './bench/voice/emotion.ts';
import { measureWatermark } from './bench/voice/watermark.ts';
import { measureZeroShot } from './bench/voice/zero-shot.ts';
import { type Bundle, bundle, type RunningWorker, startWorker } from './bench/workerd.ts';
import { seedLocalBucket } from './lib/local-bucket.ts';
import { MODELS_FOLDER } from './lib/node-engine.ts';

/** Common settings of all parts. */
interface Bench {
  readonly flags: Flags;
  /** Folder for temporary files. */
  readonly work: string;
}

/** Shared resources of the parts that measure a Worker. */
interface Served extends Bench {
  readonly bench: Bundle;
  readonly product: Bundle;
  /** Folder with the seeded bucket. */
  readonly persist: string;
}

/** Shared resources of the parts that measure speech in this process. */
interface Spoken extends Bench {
  readonly corpora: string;
}

/** Signs addresses in a bench. */
const SIGNING_KEYS = 'bench:a-secret-of-forty-characters-or-so-for-one-run';

/** Measures the product in an isolate of its own. */
async function loaded(
  { product, persist }: Served,
  measure: (worker: RunningWorker) => Promise<Row[]>,
): Promise<Row[]> {
  await using worker = await startWorker(product, persist, { SIGNING_KEYS });
  return await measure(worker);
}

/** Parts that need workerd, a bundle and a seeded bucket. */
const SERVED = {
  speed: ({ bench, product, persist }) => measureSpeed(bench, product, persist),
  style: ({ bench, product, persist, flags }) =>
    measureStyleCost(bench, product, persist, flags.quick ? 1 : 9),
  delivery: async ({ product, persist, work }) => {
    const bare = await bundle('scripts/bench/edge/bare.ts', join(work, 'bare'));
    const rows = await measureDelivery(product, bare, persist);
    return [...rows, ...(await measureCatalogue(product, persist, work))];
  },
  peers: ({ product, persist, work }) => measurePeers(product, persist, work),
  backends: ({ bench, persist }) => measureBackends(bench, persist),
  fairness: (served) => loaded(served, measureFairness),
  'first-bytes': (served) => loaded(served, ({ url }) => measureFirstBytes(url)),
  throughput: (served) => loaded(served, (worker) => measureThroughput(worker, served.flags.quick ? 2 : 8)),
  soak: ({ bench, persist, flags: { quick, requests } }) =>
    measureSoak(bench, persist, quick ? 30 : requests),
} satisfies Record<string, (served: Served) => Promise<Row[]>>;

/** Parts that need the speech corpora. */
const SPOKEN = {
  diversity: ({ corpora, flags: { quick } }) =>
    measureDiversity({ corpora, sentences: quick ? 2 : 20, seeds: quick ? 3 : 10 }),
  emotion: ({ corpora, work, flags: { quick } }) =>
    measureEmotion({ corpora, work, sentences: quick ? 1 : 10, seeds: quick ? 1 : 2 }),
  'zero-shot': ({ corpora, work, flags: { quick } }) => {
    const [sentences, speakers] = quick ? [2, 2] : [5, 14];
    return measureZeroShot({ corpora, work, sentences, speakers });
  },
  watermark: ({ corpora, work, flags: { quick } }) => {
    const [recordings, clips] = quick ? [4, 3] : [48, 25];
    return measureWatermark({ corpora, work, recordings, clips });
  },
} satisfies Record<string, (spoken: Spoken) => Promise<Row[]>>;

/** Parts that start what they need. */
const OTHERS = {
  text: ({ flags: { quick } }) => measureText({ quick }),
  origin: ({ flags: { corpora, quick } }) => measureOrigin({ corpora, quick }),
} satisfies Record<string, (bench: Bench) => Promise<Row[]>>;

const PARTS = [SERVED, SPOKEN, OTHERS].flatMap((parts) => Object.keys(parts));

/** The parts that `load` means. */
const LOAD = ['fairness', 'first-bytes', 'throughput', 'soak'];

function parts(value: string): string[] {
  const names = value.split(',').flatMap((name) => (name.trim() === 'load' ? LOAD : [name.trim()]));
  if (names.some((name) => !PARTS.includes(name)))
    throw new InvalidArgumentError(`expected some of load,${PARTS.join(',')}.`);
  return names;
}

function count(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a whole number above 0.');
  return Number(value);
}

interface Flags {
  /** Folder with the speech corpora. */
  readonly corpora?: string;
  readonly only: readonly string[];
  readonly requests: number;
  readonly quick?: boolean;
}

async function serve(given: Bench): Promise<Served> {
  announce('bundling and seeding');
  const { work } = given;
  const bench = await bundle('scripts/bench/edge/worker.ts', join(work, 'bench'));
  const product = await bundle('src/worker.ts', join(work, 'product'));
  const persist = join(work, 'state');
  await seedLocalBucket({ persistTo: persist, folder: join(MODELS_FOLDER, 'sori-2') });
  return { ...given, bench, product, persist };
}

/** Measures the chosen parts, in the order of the tables, and reports each part's rows when they are there. */
async function measure(given: Bench, report: (rows: readonly Row[]) => void): Promise<void> {
  const { only, corpora } = given.flags;
  const chosen = <Part>(parts: Record<string, Part>) =>
    Object.entries(parts).filter(([name]) => only.includes(name));
  const served = chosen<(served: Served) => Promise<Row[]>>(SERVED);
  if (served.length > 0) {
    const worker = await serve(given);
    for (const [, part] of served) report(await part(worker));
  }
  for (const [name, part] of chosen<(spoken: Spoken) => Promise<Row[]>>(SPOKEN)) {
    if (corpora) report(await part({ ...given, corpora }));
    else report([{ what: name, measured: 'not measured: give --corpora', target: '' }]);
  }
  for (const [, part] of chosen<(bench: Bench) => Promise<Row[]>>(OTHERS)) report(await part(given));
}

await new Command('bench')
  .description(
    'Measure speed, memory, quality and control, and print one Markdown table, each part when it is measured.',
  )
  .argument('[parts]', 'the same as --only: `npm run bench -- load`', parts)
  .option('--only <parts>', `some of ${PARTS.join(',')}; load stands for ${LOAD.join(',')}`, parts, [
    ...PARTS,
  ])
  .option('--requests <count>', 'requests of the soak', count, 300)
  .option('--quick', 'a few runs, sentences and speakers only, to check that it works')
  .option(
    '--corpora <folder>',
    `folder with the speech corpora, for ${Object.keys(SPOKEN).join(', ')}`,
    process.env.SORI_CORPORA,
  )
  .action(async (named: readonly string[] | undefined, given: Flags) => {
    const flags = named ? { ...given, only: named } : given;
    const work = await mkdtemp(join(tmpdir(), 'sori-bench-'));
    try {
      await measure({ flags, work }, createTable(flags.only.some((part) => LOAD.includes(part))));
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
  });
