import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { serveModelFiles } from './test/support/model-files.ts';

export default defineConfig({
  test: {
    // The app writes a line for each request.
    silent: 'passed-only',
    projects: [
      {
        // Pure logic and routes over a test engine: no process, no port, no network.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Modules are loaded once for each worker instead of once for each file.
          isolate: false,
          pool: 'threads',
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/{contract,node,browser}/**/*.test.ts'],
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            // Tests in workerd get models from this machine's disk through it: test/workerd/seed.ts.
            miniflare: {
              serviceBindings: { MODEL_FILES: serveModelFiles },
              bindings: {
                AUTH: 'off',
                ALLOW_INSECURE_WEBHOOKS: 'on',
                MIGRATIONS: await readD1Migrations('./src/database/migrations'),
              },
            },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['test/workerd/**/*.test.ts'],
          globalSetup: ['./test/support/servers/webhook-receiver-process.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
