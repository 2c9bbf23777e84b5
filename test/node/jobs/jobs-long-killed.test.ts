import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followJobAt, startJobsServer } from '../../support/servers/jobs-server-process.ts';

const INPUT = Array.from({ length: 600 }, (_, i) => `This is sentence ${i} of a very long text.`).join(' ');

let folders: string[];
beforeEach(async () => {
  folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'sori-long-'))));
});
afterEach(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** Runs a job for the text over the state in a folder. The server is killed and restarted when as many steps as given are left. */
async function speak(folder: string, format: string, kills: readonly number[]) {
  let server = await startJobsServer(folder);
  const request = { model: 'tone-1', voice: 'clara', input: INPUT, response_format: format };
  const made = await fetch(`${server.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'long_form', request }),
  });
  expect(made.status).toBe(202);
  const { id, progress } = (await made.json()) as { id: string; progress: { total: number } };
  for (const left of kills) {
    await followJobAt(server.url, id, ({ done }) => done >= progress.total - left);
    await server.kill();
    server = await startJobsServer(folder);
  }
  await using _ = server;
  const events = await followJobAt(server.url, id);
  const job = (await (await fetch(`${server.url}/v1/jobs/${id}`)).json()) as {
    state: string;
    result: { key: string; url: string };
  };
  expect(job.state).toBe('succeeded');
  const bytes = await Promise.all(
    [job.result.url, `/audio/${job.result.key}.wav`].map(async (path) =>
      Buffer.from(await (await fetch(server.url + path)).arrayBuffer()),
    ),
  );
  // Drafts are deleted after the end of the job is stored.
  const drafts = await vi.waitUntil(async () => {
    const names = await readdir(join(folder, 'jobs'), { recursive: true }).catch(() => []);
    return names.length === 0 && names;
  });
  const done = events.filter(({ type }) => type === 'progress').map((event) => event.done);
  return { bytes, done, drafts, total: progress.total };
}

it('a long recording is the same, byte for byte, however often the server is killed while it joins it', async () => {
  const [calm, hard] = folders;
  const whole = await speak(calm, 'mp3', []);
  // Kills before the loudness is measured, between stretches, and while the whole recording is stored.
  const killed = await speak(hard, 'mp3', [7, 5, 3, 2, 1, 0]);
  expect(killed.done).toEqual(Array.from({ length: whole.total }, (_, i) => i + 1));
  expect(killed.bytes[0].length).toBeGreaterThan(20_000);
  expect(killed.bytes[0].equals(whole.bytes[0])).toBe(true);
  expect(killed.bytes[1].equals(whole.bytes[1])).toBe(true);
  expect(killed.drafts).toEqual([]);
});
