import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyMusicgen } from '../../support/models/tiny-tasks.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';

/** Seconds of sound that take the tiny model long enough to be killed in the middle of it. */
const SECONDS = 8;

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin | undefined;
const start = async () => {
  const SORI_MODELS = join(folder.path, 'models');
  origin = await runOrigin(folder.path, { AUTH: 'off', SORI_MODELS });
  return origin;
};
beforeAll(async () => {
  folder = await serverFolder();
  const model = join(folder.path, 'models', 'musicgen-tiny');
  const manifest = await writeTinyMusicgen(model);
  // Long enough to be killed in the middle of it.
  const settings = { ...manifest.settings, maxSeconds: 30 };
  await writeFile(join(model, 'model.json'), JSON.stringify({ ...manifest, settings }));
  await start();
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

interface Job {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly part?: number };
  readonly result: { readonly url: string; readonly seconds: number } | null;
}

const post = async (url: URL): Promise<Job> => {
  const response = await fetch(new URL('/v1/audio/generations', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ prompt: 'a good day', seconds: SECONDS, response_format: 'wav' }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as Job;
};

/** Follows a job's events to its end. */
const ended = async (url: URL, id: string): Promise<Job> => {
  await (await fetch(new URL(`/v1/jobs/${id}/events`, url))).text();
  return (await (await fetch(new URL(`/v1/jobs/${id}`, url))).json()) as Job;
};

/** Kills the origin while it works, and starts it again. */
async function killed(): Promise<URL> {
  await origin!.stop('SIGKILL');
  return (await start()).url;
}

it('an origin that is killed while it loads a model does the job after its next start', async () => {
  // The model is loaded by its first job.
  const { id } = await post(origin!.url);
  expect(await ended(await killed(), id)).toMatchObject({ state: 'succeeded', result: { seconds: SECONDS } });
});

it('an origin that is killed in the middle of a job makes all of it after its next start', async () => {
  const { url } = origin!;
  const { id } = await post(url);
  for (;;) {
    const { progress, state } = (await (await fetch(new URL(`/v1/jobs/${id}`, url))).json()) as Job;
    expect(state).not.toBe('succeeded');
    if (progress.part !== undefined && progress.part > 0) break;
  }
  const again = await killed();
  const { state, result } = await ended(again, id);
  expect([state, result?.seconds]).toEqual(['succeeded', SECONDS]);
  expect((await (await fetch(new URL(result!.url, again))).bytes()).length).toBe(44 + 2 * 24_000 * SECONDS);
});
