import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { children, processorMs } from './processor-time.ts';

const run = promisify(execFile);

/** A Worker bundled as `wrangler deploy` would bundle it. */
export interface Bundle {
  readonly folder: string;
  /** gzip size that wrangler reports, in KiB. */
  readonly gzipKiB: number;
}

/** Bundles an entry with wrangler itself (`deploy --dry-run`), so that what is measured is what would be deployed. */
export async function bundle(entry: string, folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  const wrangler = resolve('node_modules/wrangler/bin/wrangler.js');
  const { stdout } = await run(
    process.execPath,
    [wrangler, 'deploy', entry, '--dry-run', '--outdir', folder],
    { env: { ...process.env, WRANGLER_SEND_METRICS: 'false' }, maxBuffer: 1 << 24 },
  );
  const size = /gzip: ([\d.]+) KiB/.exec(stdout);
  if (!size) throw new Error(`wrangler did not report a size:\n${stdout}`);
  return { folder, gzipKiB: Number(size[1]) };
}

/** workerd running a bundle over a local bucket. */
export interface RunningWorker extends AsyncDisposable {
  readonly url: string;
  readonly inspectorPort: number;
  /** Milliseconds of processor time that workerd has used; `undefined` if the system does not report it (Linux does). */
  processorMs(): Promise<number | undefined>;
}

/** Starts workerd with a bundle. `persist` is a folder seeded by `seedLocalBucket`; `variables` are more bindings. */
export async function startWorker(
  { folder }: Bundle,
  persist: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<RunningWorker> {
  const names = (await readdir(folder)).filter((name) => /\.(js|wasm)$/.test(name));
  // workerd takes the first module as the entry.
  names.sort((a, b) => Number(a.endsWith('.wasm')) - Number(b.endsWith('.wasm')));
  const modules = await Promise.all(
    names.map(async (name) => ({
      type: name.endsWith('.wasm') ? ('CompiledWasm' as const) : ('ESModule' as const),
      path: join(resolve(folder), name),
      contents: await readFile(join(folder, name)),
    })),
  );
  const inspectorPort = await freePort();
  const earlier = children();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules,
      modulesRoot: resolve(folder),
      compatibilityDate: '2026-10-01',
      compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
      bindings: { MODELS: 'sori-2', AUTH: 'off', ...variables },
      r2Buckets: { BUCKET: 'sori' },
      d1Databases: { DB: 'DB' },
      resourcePersistencePath: resolve(persist, 'v3'),
      inspectorPort,
      host: '127.0.0.1',
      port: 0,
      // A line for each request, of which a bench makes many thousands.
      handleStructuredLogs: ({ level, message }) => {
        if (level === 'error') console.error(message);
      },
    }),
  );
  const url = await miniflare.ready;
  const pid = children().find((child) => !earlier.includes(child));
  return {
    url: url.origin,
    inspectorPort,
    processorMs: () => processorMs(pid),
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}

async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
