import { expect, it, vi } from 'vitest';
import { memoryOutputs } from '../../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { sqliteJobStore } from '../../../../src/features/jobs/stores/sqlite.ts';
import { countingDatabase } from '../../../support/apps/access-app.ts';

it('the next server sends the notification of an ended job that was not sent, unless it is too old', async () => {
  const { database } = await countingDatabase();
  const ended = async (at: number) => {
    const store = sqliteJobStore(database, { now: () => at });
    const { job } = await store.create({ owner: 'a', kind: 'speech', steps: 1, createdAt: at, request: {} });
    await store.apply(job.id, { type: 'begin', by: 'r', until: at });
    await store.apply(job.id, { type: 'step', by: 'r', until: at, index: 0 }, {});
    await store.apply(job.id, { type: 'succeed', by: 'r', result: {} });
    return job.id;
  };
  const old = await ended(Date.now() - 2 * 3_600_000);
  const late = [await ended(Date.now() - 1000), await ended(Date.now())];
  const jobs = createNodeJobs({ database, outputs: memoryOutputs() });
  const told: string[] = [];
  const never = async () => {
    throw new TypeError('There is nothing to do.');
  };
  jobs.employ({ step: never, finish: never }, async ({ id }) => void told.push(id));
  await vi.waitUntil(() => told.length >= 2);
  await jobs.stop();
  expect([...told].sort()).toEqual([...late].sort());
  expect(told).not.toContain(old);
});
