/** The Worker under wrangler, in this process. */
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { patchMiniflare } from './patch-miniflare.ts';

/** How to run the Worker. */
export interface DevServerOptions {
  /** Address to listen on; `127.0.0.1` when not given. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The folder of wrangler's `--persist-to`. Nothing is stored by default. */
  readonly persistTo?: string;
  /** Another entry than that of `wrangler.toml`. */
  readonly entrypoint?: string;
  /** Whether the entry is bundled already, with its `.wasm` files in the same folder. */
  readonly bundled?: boolean;
  /** Variables in place of those of `wrangler.toml`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Whether onnxruntime-web is part of it, for models with graphs that the stack kernel does not support. */
  readonly anyGraph?: boolean;
  /** Rebuild when a source file changes. */
  readonly watch?: boolean;
  readonly logLevel?: 'debug' | 'info' | 'log' | 'warn' | 'error' | 'none';
}

/** wrangler.toml has the Worker called each minute, and for housekeeping each hour. */
const MINUTE_MS = 60_000;

const ANY_GRAPH = {
  '#other-graphs': resolve(import.meta.dirname, '../../src/inference/other-graphs/onnxruntime.ts'),
};

/** A Worker that runs. */
export interface DevServer extends AsyncDisposable {
  readonly url: URL;
}

/**
 * Starts the Worker of `wrangler.toml` in workerd, as `wrangler dev` does, without asking anything of the network.
 * Wrangler reports a failed build on standard error; requests then wait for the next build.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const {
    host = '127.0.0.1',
    port,
    persistTo,
    entrypoint,
    bundled = false,
    anyGraph = false,
    watch = false,
    logLevel = 'info',
    vars = {},
  } = options;
  process.env.WRANGLER_SEND_METRICS = 'false';
  // wrangler would fetch a sample of request.cf, which nothing here reads.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
  // Loaded only now, because it reads these variables as it loads and takes a while to.
  patchMiniflare();
  // By `require`, because `import` parses its ten megabytes once more to find out that it is CommonJS.
  const { unstable_startWorker } = createRequire(import.meta.url)('wrangler') as typeof import('wrangler');
  const worker = await unstable_startWorker({
    config: resolve(import.meta.dirname, '../../wrangler.toml'),
    entrypoint,
    bindings: Object.fromEntries(
      Object.entries(vars).map(([name, value]) => [name, { type: 'plain_text', value }]),
    ),
    // Only the upload must be small.
    build: bundled ? { bundle: false } : { minify: false, alias: anyGraph ? ANY_GRAPH : {} },
    dev: {
      server: { hostname: host, port },
      persist: persistTo === undefined ? false : resolve(persistTo),
      inspector: false,
      watch,
      logLevel,
    },
  });
  try {
    await worker.ready;
    const url = await worker.url;
    // Cron triggers come from Cloudflare; one that comes while the Worker is rebuilt is lost, and another comes.
    const tick = (cron: string) =>
      void fetch(new URL(`/cdn-cgi/handler/scheduled?${new URLSearchParams({ cron })}`, url))
        .then((answer) => answer.text())
        .catch(() => {});
    tick('@started');
    const clocks = [
      setInterval(tick, MINUTE_MS, '* * * * *').unref(),
      setInterval(tick, 60 * MINUTE_MS, '17 * * * *').unref(),
    ];
    const dispose = async () => {
      for (const clock of clocks) clearInterval(clock);
      await worker.dispose();
    };
    return { url, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await worker.dispose();
    throw error;
  }
}

/** Whether a port is free to listen on. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(false) : fail(error),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(true)));
  });
}
