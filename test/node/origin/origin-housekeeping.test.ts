import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';

let folder: Awaited<ReturnType<typeof serverFolder>>;
beforeAll(async () => {
  folder = await serverFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The counts of each run of housekeeping so far. */
const rounds = (origin: RunningOrigin) =>
  [...origin.output().matchAll(/^\{.*"housekeeping":.*$/gm)].map(([line]) => JSON.parse(line) as object);

it('an origin runs housekeeping at its start, following its variables, and can be stopped during it', async () => {
  const state = { STATE_DIR: join(folder.path, 'kept'), AUTH: 'off' };
  {
    await using origin = await runOrigin(folder.path, state);
    await expect
      .poll(() => rounds(origin))
      .toMatchObject([{ level: 'info', housekeeping: expect.any(Object) }]);
    expect(rounds(origin)[0]).not.toHaveProperty('housekeeping.prompt_versions');
    for (const input of ['One.', 'Two.', 'Three.']) {
      const response = await fetch(new URL('/v1/prompts/menu', origin.url), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ input, voice: 'clara' }),
      });
      expect(response.ok).toBe(true);
    }
    // The timer of the next run does not delay the exit.
    expect(await origin.stop()).toEqual({ code: 0, signal: null });
  }
  await using origin = await runOrigin(folder.path, { ...state, KEEP_VERSIONS: '2', KEEP_AUDIO_DAYS: '30' });
  await expect.poll(() => rounds(origin)).toMatchObject([{ housekeeping: { prompt_versions: 1, audio: 0 } }]);
  const statuses = [1, 2, 3].map(
    async (v) => (await fetch(new URL(`/prompts/menu.mp3?v=${v}`, origin.url))).status,
  );
  expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
  expect(await origin.stop()).toEqual({ code: 0, signal: null });
});
