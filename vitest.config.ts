import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import type { Request } from 'miniflare';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/**
 * Node itself imports the modules, so nothing is transformed, and loops over imported constants run as fast as in production: through Vite,
 * each use of an import is a property of a module object. `vi.mock` does not work with it, and no test needs it.
 */
const NATIVE_MODULES = { experimental: { viteModuleRunner: false, nodeLoader: false } };

/** Long enough for a busy machine. */
const TIMEOUTS = { expect: { poll: { timeout: 20_000 } }, testTimeout: 120_000, hookTimeout: 120_000 };

// Processes that tests start keep their compiled modules here: `wrangler` and stripped TypeScript load in half the time.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node');

// What several test files need is made once, in a folder of this run: test/support/made-once.ts.
const runFolder = mkdtempSync(join(tmpdir(), 'sori-run-'));
process.env.SORI_TEST_RUN = runFolder;
process.on('exit', () => rmSync(runFolder, { recursive: true, force: true }));

const MIGRATIONS = await readD1Migrations('./src/database/migrations');

/** Tiny models have graphs that the stack kernel does not know, so the Worker under test has onnxruntime-web too. */
const ALIAS = { '#other-graphs': resolve('src/inference/other-graphs/onnxruntime.ts') };

/** Loaded when a test asks for a model: it imports half of the source. */
const modelFiles = async (request: Request) =>
  (await import('./test/support/models/model-files.ts')).serveModelFiles(request);

const workers = () =>
  cloudflareTest({
    wrangler: { configPath: './wrangler.toml' },
    // Tests in workerd get models from this machine's disk through it: test/workerd/seed.ts.
    miniflare: {
      serviceBindings: { MODEL_FILES: modelFiles },
      bindings: {
        AUTH: 'off',
        // Without API keys, only pages of named origins may call the Worker.
        CORS_ORIGINS: '*,https://a.test',
        ALLOW_INSECURE_WEBHOOKS: 'on',
        MIGRATIONS,
      },
    },
  });

export default defineConfig({
  test: {
    // The app writes a line for each request.
    silent: 'passed-only',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Pure logic and routes over a test engine: no process, no port, no network.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['./test/support/fast-equality.ts'],
          // Modules are loaded once for each worker instead of once for each file.
          isolate: false,
          pool: 'threads',
          ...NATIVE_MODULES,
          maxWorkers: 2,
          // Projects with other numbers of workers run one after the other.
          sequence: { groupOrder: 0 },
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/{contract,node,browser}/**/*.test.ts'],
          setupFiles: ['./test/support/fast-equality.ts'],
          ...NATIVE_MODULES,
          // Most of them wait for processes that they start.
          maxWorkers: 3,
          // The projects below are in the same group, so that no core is idle while the last file of a project runs.
          sequence: { groupOrder: 1 },
          ...TIMEOUTS,
        },
      },
      {
        // Inside workerd, each file in an instance of its own: these need an empty bucket, cache or database.
        plugins: [workers()],
        resolve: { alias: ALIAS },
        test: {
          name: 'workerd-isolated',
          include: ['test/workerd/isolated/*.test.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          ...TIMEOUTS,
        },
      },
      {
        // Inside workerd. The files share one instance for each worker, which loads the Worker once.
        plugins: [workers()],
        resolve: { alias: ALIAS },
        test: {
          name: 'workerd',
          include: ['test/workerd/*.test.ts'],
          globalSetup: ['./test/support/servers/webhook-receiver-process.ts'],
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          ...TIMEOUTS,
        },
      },
    ],
  },
});
