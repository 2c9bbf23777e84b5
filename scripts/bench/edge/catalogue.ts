import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { migrateLocalDatabase } from '../../lib/local-database.ts';
import { announce, median, type Row } from '../table.ts';
import { type Bundle, startWorker } from '../workerd.ts';

const run = promisify(execFile);
const PROMPTS = 10_000;
const RUNS = 3;
const DEFINITION = { input: 'Your table is ready.', voice: 'hazel' };
const nameOf = (index: number) => `bench/${String(index).padStart(5, '0')}`;

/** Copies the rows of the first prompt: what a sync reads of a prompt is the same for all of them. */
const COPIES = `WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${PROMPTS - 1}),
names AS (SELECT printf('bench/%05d', i) AS copy FROM numbers)`;
const TABLES: readonly (readonly [table: string, columns: string])[] = [
  ['prompt_versions', 'version, digest, definition, formats, created_at'],
  ['prompt_variants', 'version, locale, model, edition'],
  ['prompt_audio', 'version, locale, part, key, spoken, voice, samples, loudness'],
  ['prompts', 'version, revision, updated_at, deleted_at'],
  ['prompt_facets', 'kind, value'],
];

/** A sync of many prompts of which none has changed: the command's own process against the product's Worker with D1. */
export async function measureCatalogue(product: Bundle, persist: string, work: string): Promise<Row[]> {
  announce(`a catalogue of ${PROMPTS} prompts`);
  await migrateLocalDatabase({ persistTo: persist });
  await bakeFirst(product, persist);
  await multiply(persist);
  const file = join(work, 'prompts.json');
  const prompts = Object.fromEntries(
    Array.from({ length: PROMPTS }, (_, index) => [nameOf(index), DEFINITION]),
  );
  await writeFile(file, JSON.stringify({ prompts }));

  await using worker = await startWorker(product, persist);
  const times: number[] = [];
  for (let round = 0; round < RUNS; round++) {
    const started = performance.now();
    const { stdout } = await sori(worker.url, 'prompts', 'sync', file, '--yes');
    times.push(performance.now() - started);
    if (!stdout.includes(`${PROMPTS} unchanged`)) throw new Error(stdout);
  }
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  const requests = [...metrics.matchAll(/^sori_requests_total\{.*\} (\d+)$/gm)];
  const perRun = requests.reduce((sum, [, count]) => sum + Number(count), 0) / RUNS;
  const seconds = median(times) / 1000;
  return [
    {
      what: `sync of ${PROMPTS} prompts with nothing changed, start of the command included (${perRun} requests)`,
      measured: `${seconds.toFixed(1)} s`,
      target: '≤ 5 s, 10 pages',
      met: seconds <= 5 && perRun === PROMPTS / 1000,
    },
  ];
}

async function bakeFirst(product: Bundle, persist: string): Promise<void> {
  await using worker = await startWorker(product, persist);
  const answer = await fetch(`${worker.url}/v1/prompts/${nameOf(0)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(DEFINITION),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function multiply(persist: string): Promise<void> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {};',
      resourcePersistencePath: resolve(persist, 'v3'),
      d1Databases: { DB: 'DB' },
    }),
  );
  try {
    const database = await miniflare.getD1Database('DB');
    await database.batch(
      TABLES.map(([table, columns]) =>
        database.prepare(
          `INSERT INTO ${table} (name, ${columns}) ${COPIES} SELECT copy, ${columns} FROM names, ${table} WHERE name = '${nameOf(0)}'`,
        ),
      ),
    );
  } finally {
    await miniflare.dispose();
  }
}

function sori(url: string, ...args: string[]) {
  const command = resolve(import.meta.dirname, '../../sori.ts');
  return run(process.execPath, [command, '--url', url, ...args], { maxBuffer: 1 << 24 });
}
