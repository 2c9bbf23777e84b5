import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { serveModelFiles } from './test/support/model-files.ts';

export default defineConfig({
  test: {
    // The app writes a line for each request.
    silent: 'passed-only',
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/{unit,contract,node,browser}/**/*.test.ts'],
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
