import { afterAll, beforeAll, expect, it } from 'vitest';
import { descendants } from '../../support/processes.ts';
import { runSori } from '../../support/run-sori.ts';
import { type PromptsServer, promptsServer } from '../../support/servers/prompts-server.ts';
import { startProxy } from '../../support/servers/proxy.ts';
import { putTinyModel, runServer } from '../../support/servers/running-server.ts';

let prompts: PromptsServer;
beforeAll(async () => {
  prompts = await promptsServer(runServer);
});
afterAll(() => prompts?.[Symbol.asyncDispose]());

/** Paths of the audio that prompts had before the server was killed. */
let earlier: string[];

it('kill -9 of the server and its workerd during a sync publishes nothing incomplete, and the next sync does the rest', async () => {
  const early = await prompts.many('early', 2);
  expect((await prompts.sync([early, '--prefix', 'early/', '--yes'])).code).toBe(0);
  earlier = (await prompts.list('early/')).map(({ audio }) => audio.default.urls.mp3!);

  // All texts but one are long, so that their bakes are still running when the first has ended.
  const path = await prompts.many('crash', 8, (i) =>
    `This is sentence ${i}, which takes a while. `.repeat(i % 8 === 1 ? 1 : 5),
  );
  const crashed = prompts.running;
  await using proxy = await startProxy({
    target: crashed.url,
    after: (method) => {
      if (method === 'PUT') killAll(crashed.child.pid!);
    },
  });
  const args = [path, '--yes', '--prefix', 'crash/', '--concurrency', '8'];
  const { code, stderr } = await prompts.sync(args, { url: proxy.url });
  expect(code).toBe(1);
  expect(stderr).toMatch(/of 8 failed/);

  // The next case needs a server with another model, and starting one takes long.
  await putTinyModel(prompts.folder, 2);
  await prompts.start();
  const before = await prompts.list('crash/');
  expect(before.length).toBeLessThan(8);
  await prompts.expectWhole(before);
  expect((await prompts.sync(args)).code).toBe(0);
  const after = await prompts.list('crash/');
  expect(after).toHaveLength(8);
  await prompts.expectWhole(after);
});

it('finds prompts that are stale after a change of the model, and renews them; the old audio stays', async () => {
  const path = await prompts.many('early', 2);
  const args = [path, '--prefix', 'early/'];
  const checked = await prompts.sync([...args, '--check']);
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(/^↻ early\/0 .*another model.*\n↻ early\/1 /);
  expect(checked.stdout).toContain('Plan: 0 new, 0 changed, 2 stale, 0 removed, 0 unchanged.');
  const listed = ['prompts', 'list', '--stale', '--prefix', 'early/', '--json'];
  const { stdout } = await runSori(listed, { url: prompts.running.url });
  expect(JSON.parse(stdout)).toHaveLength(2);
  await prompts.expectWhole(await prompts.list('early/'));

  expect((await prompts.sync([...args, '--yes'])).stdout).toContain('Done: 2 of 2.');
  expect((await prompts.sync([...args, '--check'])).code).toBe(0);
  const after = await prompts.list('early/');
  await prompts.expectWhole(after);
  expect(after.map(({ version }) => version)).toEqual([2, 2]);
  expect(after[0].audio.default.urls.mp3).not.toBe(earlier[0]);
  const old = await fetch(new URL(earlier[0], prompts.running.url));
  expect(old.status).toBe(200);
});

/** Kills a process and all of its descendants. */
function killAll(pid: number): void {
  for (const each of [pid, ...descendants(pid)]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
