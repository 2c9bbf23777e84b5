import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it, vi } from 'vitest';
import worker, { type Env } from '../../src/worker.ts';
import { migratedDatabase } from './migrated-database.ts';

const bindings = env as unknown as Env;
beforeAll(async () => {
  await migratedDatabase();
});

it('runs housekeeping by cron triggers only, and logs one line', async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  await worker.scheduled(createScheduledController({ cron: '* * * * *' }), bindings);
  expect(lines).toEqual([]);
  await worker.scheduled(createScheduledController({ cron: '17 * * * *' }), bindings);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', housekeeping: expect.any(Object) },
  ]);
  log.mockRestore();
});
