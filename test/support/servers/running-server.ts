import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { migrateLocalDatabase } from '../../../scripts/lib/local-database.ts';
import { seedModels } from '../../../scripts/lib/seed-models.ts';
import { madeOnce } from '../made-once.ts';
import { tinyModel } from '../models/model-files.ts';
import { type RunningProcess, runProcess } from './running-process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const START = join(ROOT, 'scripts/start.ts');
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

/** `npm start` as it runs for a user, but with a tiny model and a folder of its own. */
export type RunningServer = RunningProcess & AsyncDisposable;

/** Options of {@link runServer}. */
export interface ServerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Starts from an empty state and bundles the Worker, as a user's first `npm start` does. */
  readonly fresh?: boolean;
}

/** A folder for a server: `shards/` with a tiny model in it, and room for its state. */
export async function serverFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sori-start-'));
  await putTinyModel(path, 1);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Puts a tiny model with other weights into a {@link serverFolder}. */
export async function putTinyModel(folder: string, seed: number): Promise<void> {
  const model = join(folder, 'shards/sori-2');
  await rm(model, { recursive: true, force: true });
  await mkdir(model, { recursive: true });
  for (const [name, bytes] of await tinyModel('sori-2', seed)) await writeFile(join(model, name), bytes);
}

/**
 * Gives a {@link serverFolder} the state that a first start with the tiny model leaves, so that this start does not put the model into
 * the bucket and the tables into the database again.
 */
async function prepareState(folder: string): Promise<void> {
  const prepared = await madeOnce('server-state', async (draft) => {
    await using seeded = await serverFolder();
    const [shards, persistTo] = [join(seeded.path, 'shards'), join(seeded.path, 'state')];
    await mkdir(persistTo);
    await seedModels(shards, persistTo);
    await migrateLocalDatabase({ persistTo });
    await cp(persistTo, draft, { recursive: true });
  });
  await cp(prepared, join(folder, 'state'), { recursive: true });
}

/** The Worker, bundled with onnxruntime-web, which tiny models need. Bundling takes a third of the time of a start. */
async function bundledWorker(): Promise<string> {
  const folder = await madeOnce('bundled-worker', async (draft) => {
    const args = [WRANGLER, 'deploy', '--dry-run', '--no-minify', '--outdir', draft];
    const alias = ['--alias', '#other-graphs:./src/inference/other-graphs/onnxruntime.ts'];
    const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' };
    await promisify(execFile)(process.execPath, [...args, ...alias], { cwd: ROOT, env });
    const file = join(draft, 'worker.js');
    await writeFile(file, readingBodies(await readFile(file, 'utf8')));
  });
  return join(folder, 'worker.js');
}

/**
 * A bundled Worker that reads the rest of each request's body, as the one that `wrangler dev` bundles does. Otherwise a client that is
 * still sending a body that is too large gets no answer: its connection is reset.
 */
function readingBodies(code: string): string {
  const exported = /(\w+) as default/;
  const name = exported.exec(code)?.[1];
  if (name === undefined) throw new Error('The bundled Worker has no default export.');
  return `${code.replace(exported, 'workerThatReadsBodies as default')}
const workerThatReadsBodies = {
  ...${name},
  async fetch(request, ...rest) {
    try {
      return await ${name}.fetch(request, ...rest);
    } finally {
      if (request.body && !request.bodyUsed) await request.body.pipeTo(new WritableStream()).catch(() => {});
    }
  },
};
`;
}

/** Arguments that point `npm start` to a {@link serverFolder}. */
export function startArguments(folder: string, port = 0): string[] {
  return [
    START,
    '--port',
    String(port),
    '--shards',
    join(folder, 'shards'),
    '--persist-to',
    join(folder, 'state'),
  ];
}

/** Starts a server and waits until it is ready. */
export async function runServer(folder: string, options: ServerOptions = {}): Promise<RunningServer> {
  const { fresh = false } = options;
  if (!fresh && !existsSync(join(folder, 'state'))) await prepareState(folder);
  const worker = fresh ? [] : ['--worker', await bundledWorker()];
  const args = [...startArguments(folder), ...worker, ...(options.args ?? [])];
  const env = { ...process.env, ...options.env };
  const running = await runProcess(args, env, /^Sori is ready at (\S+)$[\s\S]*Ctrl-C/m);
  return { ...running, [Symbol.asyncDispose]: async () => void (await running.stop()) };
}
