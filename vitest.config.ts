import { resolve } from 'node:path';
import type { Request } from 'miniflare';
import { defineConfig } from 'vitest/config';
import { patchMiniflare } from './scripts/lib/patch-miniflare.ts';
import { LongestFirst } from './test/support/longest-first.ts';
import { patchPlugin } from './test/support/patch-plugin.ts';
import { NODE, prepareRun, TIMEOUTS, UNIT } from './test/support/test-projects.ts';

prepareRun();
patchMiniflare();
patchPlugin();

const { cloudflareTest, readD1Migrations } = await import('@cloudflare/vitest-plugin');

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
      UNIT,
      NODE,
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
