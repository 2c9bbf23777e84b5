import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sqliteDatabase } from '../../../src/database/sqlite.ts';
import { followJobAt, type JobsServer, startJobsServer } from '../../support/servers/jobs-server-process.ts';

const JOBS = 150;
const TURNS = 2;

let folder: string;
let server: JobsServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-jobs-'));
});
afterEach(async () => {
  await server?.kill();
  await rm(folder, { recursive: true, force: true });
});

it(`${JOBS} jobs are all done once, though the server is killed three times while they run`, async () => {
  server = await startJobsServer(folder);
  const ids: string[] = [];
  for (let i = 0; i < JOBS; i++) {
    const response = await fetch(`${server.url}/v1/jobs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `job-${i}` },
      body: JSON.stringify({
        kind: 'dialogue',
        request: { model: 'tone-1', voice: 'clara', response_format: 'wav' },
        speakers: { a: {} },
        turns: Array.from({ length: TURNS }, (_, turn) => ({
          speaker: 'a',
          input: `Job ${i}, turn ${turn}.`,
        })),
      }),
    });
    expect(response.status).toBe(202);
    ids.push(((await response.json()) as { id: string }).id);
  }
  for (const share of [0.3, 0.5, 0.8]) {
    // The server is killed when a job in the middle of the queue makes progress.
    await followJobAt(server.url, ids[Math.floor(JOBS * share)], ({ type }) => type === 'progress');
    await server.kill();
    server = await startJobsServer(folder);
  }
  for (const id of ids) {
    const types = (await followJobAt(server.url, id)).map(({ type }) => type);
    expect(types.filter((type) => type === 'progress')).toHaveLength(TURNS);
    expect(types.filter((type) => type === 'succeeded')).toHaveLength(1);
    expect(types.at(-1)).toBe('succeeded');
  }
  await server.kill();

  const database = sqliteDatabase(join(folder, 'state.sqlite'));
  const { rows } = await database.run<{ outcomes: number; results: number; interrupted: number }>(
    `SELECT (SELECT count(*) FROM job_outcomes) AS outcomes,
            (SELECT count(DISTINCT job ->> '$.result.key') FROM job_records WHERE job ->> '$.state' = 'succeeded') AS results,
            (SELECT count(*) FROM (SELECT job_id FROM job_events WHERE event ->> '$.type' = 'running'
                                   GROUP BY job_id HAVING count(*) > 1)) AS interrupted`,
  );
  database.close();
  expect(rows[0]).toMatchObject({ outcomes: JOBS * TURNS, results: JOBS });
  // Some attempts were interrupted, so the kills came during work and not between jobs.
  expect(rows[0].interrupted).toBeGreaterThan(0);
  const files = (await readdir(join(folder, 'audio'), { recursive: true })).filter((name) =>
    name.endsWith('.wav'),
  );
  expect(files).toHaveLength(JOBS * (TURNS + 1));
});
