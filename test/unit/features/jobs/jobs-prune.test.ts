import { afterEach, expect, it } from 'vitest';
import { pruneJobs } from '../../../../src/features/jobs/prune.ts';
import type { NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { parseJobSettings } from '../../../../src/features/jobs/settings.ts';
import { jobsApp, REQUEST } from '../../../support/apps/jobs-app.ts';

const DAY = 86_400_000;
let running: NodeJobs | undefined;
afterEach(async () => await running?.stop());

async function setUp(options: Parameters<typeof jobsApp>[0] = {}) {
  const app = await jobsApp(options);
  running = app.jobs;
  const { key } = await app.makeKey({ scopes: ['speech'] });
  const input = JSON.stringify({
    custom_id: 'a',
    method: 'POST',
    url: '/v1/audio/speech',
    body: { ...REQUEST, input: 'Hello.' },
  });
  const post = async (headers = {}) =>
    (await app.send('POST', '/v1/jobs', key, { kind: 'batch', input }, headers)).json;
  const rows = async () => {
    const tables = ['jobs', 'job_records', 'job_events', 'job_outcomes', 'job_idempotency'];
    const counts = await Promise.all(
      tables.map((table) => app.jobsDatabase.run<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)),
    );
    return counts.map(({ rows: [{ n }] }) => n);
  };
  return { ...app, key, post, rows };
}

it('an ended job is deleted at the announced time, with everything stored for it', async () => {
  const { send, key, post, follow, jobs, rows } = await setUp({ keepMs: 3 * DAY });
  const { id } = await post({ 'Idempotency-Key': 'k' });
  const { job } = await follow(id, key);
  expect(job.expires_at - job.finished_at).toBe(3 * 86_400);
  const [{ key: audio }] = (await jobs.store.load(id))!.outcomes.map(
    ({ response }) => (response as { body: { key: string } }).body,
  );
  expect(await jobs.outputs.has(id, 'output.jsonl')).toBe(true);
  expect(await rows()).toEqual([1, 1, job.progress.total + 3, 1, 1]);

  const told: string[] = [];
  const end = (await jobs.store.find(id))!.finishedAt! + 3 * DAY;
  // Only the expired idempotency key is deleted before that.
  expect(await pruneJobs(jobs, end - 1)).toBe(1);
  expect((await send('GET', `/v1/jobs/${id}`, key)).status).toBe(200);
  expect(await pruneJobs(jobs, end, async (gone) => void told.push(gone))).toBe(1);
  expect(told).toEqual([id]);
  expect(await rows()).toEqual([0, 0, 0, 0, 0]);
  expect(await jobs.outputs.has(id, 'output.jsonl')).toBe(false);
  for (const path of ['', '/events', '/output']) {
    expect((await send('GET', `/v1/jobs/${id}${path}`, key)).json.error.code).toBe('unknown_job');
  }
  expect((await send('GET', '/v1/jobs', key)).json.data).toEqual([]);
  expect((await send('GET', `/v1/jobs?after=${id}`, key)).json.error).toMatchObject({ param: 'after' });
  // The audio follows the retention of audio, not of jobs.
  expect((await send('GET', `/audio/${audio}.mp3`)).status).toBe(200);
  expect(await pruneJobs(jobs, end + DAY)).toBe(0);
});

it('an idempotency key makes a new job once its job is deleted', async () => {
  const { key, post, follow, jobs } = await setUp({ keepMs: 1000 });
  const { id } = await post({ 'Idempotency-Key': 'k' });
  await follow(id, key);
  expect((await post({ 'Idempotency-Key': 'k' })).id).toBe(id);
  await pruneJobs(jobs, Date.now() + 2000);
  const next = await post({ 'Idempotency-Key': 'k' });
  expect(next.id).not.toBe(id);
  expect((await follow(next.id, key)).job.state).toBe('succeeded');
});

it('a job whose maker died before it was queued is deleted after a day', async () => {
  const { jobsDatabase, jobs, rows } = await setUp();
  await jobsDatabase.run(
    `INSERT INTO jobs (id, owner, kind, state, created_at) VALUES ('job_${'0'.repeat(24)}', 'a', 'speech', 'queued', ?)`,
    Date.now(),
  );
  expect(await pruneJobs(jobs, Date.now())).toBe(0);
  expect(await pruneJobs(jobs, Date.now() + DAY)).toBe(1);
  expect((await rows())[0]).toBe(0);
});

it.each([
  [{}, undefined, undefined],
  [{ KEEP_JOBS_DAYS: '7', JOB_WAIT_HOURS: ' 0 ' }, 7 * DAY, 0],
  [{ KEEP_JOBS_DAYS: '', JOB_WAIT_HOURS: '48' }, undefined, 2 * DAY],
])('the variables %j', (variables, keepMs, patienceMs) => {
  expect(parseJobSettings(variables)).toEqual({ keepMs, patienceMs });
});

it.each([{ KEEP_JOBS_DAYS: '0' }, { KEEP_JOBS_DAYS: 'ten' }, { JOB_WAIT_HOURS: '-1' }])(
  'refuses %j',
  (variables) => {
    expect(() => parseJobSettings(variables)).toThrow(/must be a whole number/);
  },
);
