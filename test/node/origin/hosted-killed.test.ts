import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';
import { writeTinyMusicgen } from '../../support/tiny-tasks.ts';

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
    body: JSON.stringify({ prompt: 'a good day', seconds: 25, response_format: 'wav' }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as Job;
};

/** Follows a job's events to its end. */
const ended = async (url: URL, id: string): Promise<Job> => {
  await (await fetch(new URL(`/v1/jobs/${id}/events`, url))).text();
  return (await (await fetch(new URL(`/v1/jobs/${id}`, url))).json()) as Job;
};

it('an origin that is killed while it loads a model, and in the middle of a job, loses nothing', async () => {
  let { url } = await start();
  // The model is loaded by its first job.
  const loading = await post(url);
  await origin!.stop('SIGKILL');
  ({ url } = await start());
  const first = await ended(url, loading.id);
  expect(first).toMatchObject({ state: 'succeeded', result: { seconds: 25 } });

  const { id } = await post(url);
  for (;;) {
    const { progress, state } = (await (await fetch(new URL(`/v1/jobs/${id}`, url))).json()) as Job;
    expect(state).not.toBe('succeeded');
    if (progress.part !== undefined && progress.part > 0) break;
  }
  await origin!.stop('SIGKILL');
  ({ url } = await start());
  const second = await ended(url, id);
  expect(second).toMatchObject({ state: 'succeeded', result: { seconds: 25 } });
  const sounds = await Promise.all(
    [first, second].map(async ({ result }) => await (await fetch(new URL(result!.url, url))).bytes()),
  );
  // The same seed: the second was made whole, as the first was.
  expect(sounds[0]).toEqual(sounds[1]);
  // The model's files are as they were.
  expect(
    JSON.parse(await readFile(join(folder.path, 'models/musicgen-tiny/model.json'), 'utf8')),
  ).toMatchObject({
    id: 'musicgen-tiny',
  });
});
