import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { r2Store } from '../../../src/library/stores/r2.ts';
import type { Env } from '../../../src/worker.ts';
import { RETENTION_CONTRACT } from '../../contract/retention.contract.ts';
import { promptsApp, TABLE } from '../../support/apps/prompts-app.ts';
import { migratedDatabase } from '../migrated-database.ts';
import { bucketOf } from '../seed.ts';

let database: Database;
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  database = await migratedDatabase();
});
afterAll(() => void vi.restoreAllMocks());

describe('retention over D1 and R2', () => {
  let stores = 0;
  it.each(RETENTION_CONTRACT)('$name', ({ check }) =>
    check({ database, store: r2Store(bucketOf(), `retention-${stores++}/`) }),
  );
});

it('the Worker follows its variables when its cron trigger runs', async () => {
  const app = promptsApp({ database, store: r2Store(bucketOf()) });
  for (const text of ['One.', 'Two.', 'Three.']) await app.bake('clock/a', { ...TABLE, input: text });
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  // A Worker reads its variables once.
  vi.resetModules();
  const { default: worker } = await import('../../../src/worker.ts');
  const bindings = { ...(env as unknown as Env), KEEP_VERSIONS: '2' };
  await worker.scheduled(createScheduledController({ cron: '17 * * * *' }), bindings);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ housekeeping: { prompt_versions: 1 } }]);
  const statuses = [1, 2, 3].map(async (v) => (await app.request(`/prompts/clock/a.mp3?v=${v}`)).status);
  expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
});
