import { env } from 'cloudflare:workers';
import { describe, it } from 'vitest';
import type { JobObject } from '../../src/features/jobs/runner/job-object.ts';
import { durableJobStore } from '../../src/features/jobs/stores/durable-object.ts';
import { JOB_STORE_CONTRACT } from '../contract/jobs.contract.ts';
import { migratedDatabase } from './migrated-database.ts';

const { JOB_OBJECTS } = env as unknown as { JOB_OBJECTS: DurableObjectNamespace<JobObject> };

describe('jobs in Durable Objects', () => {
  it.each(JOB_STORE_CONTRACT)('$name', async ({ check }) => {
    const database = await migratedDatabase();
    const clock = { now: Date.UTC(2026, 10, 21) };
    await check({
      store: durableJobStore(JOB_OBJECTS, database, { now: () => clock.now, maxWaiting: 3 }),
      clock,
    });
  });
});
