import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sqliteDatabase } from '../../src/database/sqlite.ts';

const JOBS = 500;
const TURNS = 2;
const SERVER = resolve(import.meta.dirname, '../fixtures/jobs-server.ts');

let folder: string;
let server: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-jobs-'));
});
afterEach(async () => {
  await kill();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<string> {
  server = spawn(process.execPath, [SERVER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: server.stdout! })) return line;
  throw new Error('The server ended before it had an address.');
}

async function kill(): Promise<void> {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

/** Reads a job's events until one of this type, or all of them. */
async function follow(url: string, id: string, until?: string) {
  const response = await fetch(`${url}/v1/jobs/${id}/events`);
  const seen: string[] = [];
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    seen.splice(0, seen.length, ...[...text.matchAll(/^event: (\w+)$/gm)].map(([, type]) => type));
    if (until !== undefined && seen.includes(until)) break;
  }
  return seen;
}

it(`${JOBS} jobs, and the server killed three times while they run: all are done, and once`, async () => {
  let url = await start();
  const ids: string[] = [];
  for (let i = 0; i < JOBS; i++) {
    const response = await fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `job-${i}` },
      body: JSON.stringify({
        kind: 'dialogue',
        request: { model: 'tone-1', voice: 'linda', response_format: 'wav' },
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
    // Killed as a step of the job in the middle is done.
    await follow(url, ids[Math.floor(JOBS * share)], 'progress');
    await kill();
    url = await start();
  }
  for (const id of ids) {
    const types = await follow(url, id);
    expect(types.filter((type) => type === 'progress')).toHaveLength(TURNS);
    expect(types.filter((type) => type === 'succeeded')).toHaveLength(1);
    expect(types.at(-1)).toBe('succeeded');
  }
  await kill();

  const database = sqliteDatabase(join(folder, 'state.sqlite'));
  const { rows } = await database.run<{ outcomes: number; results: number; interrupted: number }>(
    `SELECT (SELECT count(*) FROM job_outcomes) AS outcomes,
            (SELECT count(DISTINCT job ->> '$.result.key') FROM job_records WHERE job ->> '$.state' = 'succeeded') AS results,
            (SELECT count(*) FROM (SELECT job_id FROM job_events WHERE event ->> '$.type' = 'running'
                                   GROUP BY job_id HAVING count(*) > 1)) AS interrupted`,
  );
  database.close();
  expect(rows[0]).toMatchObject({ outcomes: JOBS * TURNS, results: JOBS });
  // They were killed in the middle of work, not between.
  expect(rows[0].interrupted).toBeGreaterThan(0);
  const files = (await readdir(join(folder, 'audio'), { recursive: true })).filter((name) =>
    name.endsWith('.wav'),
  );
  expect(files).toHaveLength(JOBS * (TURNS + 1));
});
