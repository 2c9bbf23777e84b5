import { expect, it } from 'vitest';
import type { Announce, Jobs } from '../../../../src/features/jobs/jobs.ts';
import { memoryOutputs } from '../../../../src/features/jobs/outputs/memory.ts';
import { type JobWork, runJob } from '../../../../src/features/jobs/runner/run.ts';
import { sqliteJobStore } from '../../../../src/features/jobs/stores/sqlite.ts';
import { ADMIN_KEY, accessApp, countingDatabase } from '../../../support/apps/access-app.ts';
import { REQUEST } from '../../../support/apps/jobs-app.ts';

const INPUT = Array.from({ length: 300 }, (_, i) => `This is sentence ${i} of a very long text.`).join(' ');

/** Runs a long job in several invocations, each with time for `steps` steps. They share nothing but the store. */
async function inRounds(steps: number) {
  const { database } = await countingDatabase();
  const store = sqliteJobStore(database);
  let employed: { work: JobWork; announce: Announce } | undefined;
  const jobs: Jobs = {
    store,
    queue: { send: async () => {} },
    outputs: memoryOutputs(),
    employ: (work, announce) => {
      employed = { work, announce };
    },
  };
  const { send, app } = await accessApp({ jobs });
  const body = { kind: 'long_form', request: { ...REQUEST, input: INPUT, response_format: 'mp3' } };
  const { id } = (await send('POST', '/v1/jobs', ADMIN_KEY, body)).json;
  const { work, announce } = employed!;
  const ends: string[] = [];
  while (ends.at(-1) !== 'finished') {
    let done = 0;
    const counted: JobWork = {
      ...work,
      async step(record, index, signal) {
        const outcome = await work.step(record, index, signal);
        done++;
        return outcome;
      },
    };
    const now = () => Date.now() + (done >= steps ? 1_000_000 : 0);
    ends.push(await runJob(id, { store, work: counted, announce, now, until: Date.now() + 500_000 }));
  }
  const job = (await store.find(id))!;
  const audio = await app.request(String(job.result!.url));
  return { ends, job, bytes: new Uint8Array(await audio.arrayBuffer()) };
}

it('a long job runs in several invocations, with the same result', async () => {
  const whole = await inRounds(Number.POSITIVE_INFINITY);
  expect(whole.ends).toEqual(['finished']);
  const cut = await inRounds(1);
  expect(cut.job.state).toBe('succeeded');
  expect(cut.ends.slice(0, -1).every((end) => end === 'more')).toBe(true);
  expect(cut.ends.length).toBe(cut.job.steps);
  // An invocation that stops for lack of time does not count as a failed attempt.
  expect(cut.job.attempts).toBe(1);
  expect(cut.job.result).toEqual(whole.job.result);
  expect(cut.bytes.length).toBeGreaterThan(10_000);
  expect(cut.bytes).toEqual(whole.bytes);
});
