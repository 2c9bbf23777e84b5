import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromptAnswer } from '../../../src/features/prompts/answer.ts';
import { type PromptsServer, promptsServer } from '../../support/servers/prompts-server.ts';
import { startProxy } from '../../support/servers/proxy.ts';

let prompts: PromptsServer;
beforeAll(async () => {
  prompts = await promptsServer();
});
afterAll(() => prompts?.[Symbol.asyncDispose]());

describe('sori prompts sync', () => {
  it('plans, asks the user, makes the audio, and has nothing to do afterwards', async () => {
    const path = await prompts.file(`
defaults: {voice: hazel, formats: [mp3]}
prompts:
  life/welcome: Welcome.
  life/hours: {input: Open from noon., locales: {en-AU: {voice: clara}}}
`);
    const unasked = await prompts.sync([path]);
    expect([unasked.code, unasked.stdout]).toEqual([2, '']);
    expect(unasked.stderr).toMatch(/no terminal to ask for confirmation.*--yes/);

    const checked = await prompts.sync([path, '--check', '--prefix', 'life/']);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toBe(
      '+ life/hours  "Open from noon."\n+ life/welcome  "Welcome."\n\nPlan: 2 new, 0 changed, 0 stale, 0 removed, 0 unchanged. To speak: 38 characters at most.\n',
    );
    expect((await prompts.sync([path, '--plan', '--prefix', 'life/'])).code).toBe(0);
    expect(await prompts.list('life/')).toEqual([]);

    const applied = await prompts.sync([path, '--yes', '--prefix', 'life/']);
    expect(applied.code).toBe(0);
    // A slow sync prints its progress in between.
    expect(applied.stderr).toMatch(/^(?:Baking 1\/2\n)?Baking 2\/2\n$/);
    expect(applied.stdout).toMatch(/Done: 2 of 2\.\n$/);
    const baked = await prompts.list('life/');
    expect(baked.map(({ name, version }) => [name, version])).toEqual([
      ['life/hours', 1],
      ['life/welcome', 1],
    ]);
    expect(Object.keys(baked[0].audio)).toEqual(['default', 'en-AU']);
    await prompts.expectWhole(baked);

    const again = await prompts.sync([path, '--yes', '--prefix', 'life/']);
    expect(again).toEqual({
      code: 0,
      stdout: 'Plan: 0 new, 0 changed, 0 stale, 0 removed, 2 unchanged.\n',
      stderr: '',
    });
    expect((await prompts.sync([path, '--check', '--prefix', 'life/'])).code).toBe(0);
  });

  it('lists changes, makes only those, and deletes with --prune only', async () => {
    const before = await prompts.file(
      'name,input,voice,speed\nedit/a,One.,hazel,\nedit/b,Two.,hazel,\n',
      'edit.csv',
    );
    expect((await prompts.sync([before, '--yes', '--prefix', 'edit/'])).code).toBe(0);
    const after = await prompts.file(
      '{"prompts": {"edit/a": {"input": "One!", "voice": "hazel", "speed": 1.2}}}',
      'edit.json',
    );
    const kept = await prompts.sync([after, '--yes', '--prefix', 'edit/']);
    expect(kept.code).toBe(0);
    expect(kept.stdout).toContain(
      '~ edit/a\n    input: "One." → "One!"\n    speed: 1.2 (was not set)\n− edit/b\n',
    );
    expect(kept.stdout).toContain('1 in the catalogue only: kept, as --prune is not given.');
    expect((await prompts.list('edit/')).map(({ name, version }) => [name, version])).toEqual([
      ['edit/a', 2],
      ['edit/b', 1],
    ]);
    // After a sync only a sync with --prune has something to do.
    expect((await prompts.sync([after, '--check', '--prefix', 'edit/'])).code).toBe(0);
    expect((await prompts.sync([after, '--check', '--prune', '--prefix', 'edit/'])).code).toBe(1);

    const pruned = await prompts.sync([after, '--yes', '--prune', '--prefix', 'edit/', '--json']);
    expect(JSON.parse(pruned.stdout)).toEqual({
      new: [],
      changed: [],
      stale: [],
      removed: ['edit/b'],
      unchanged: 1,
      done: 1,
      failures: [],
      left: 0,
    });
    expect((await prompts.sync([after, '--check', '--prefix', 'edit/'])).code).toBe(0);
    // A deleted name can be used again.
    expect((await prompts.sync([before, '--yes', '--prefix', 'edit/'])).code).toBe(0);
    expect((await prompts.list('edit/')).map(({ name, version }) => [name, version])).toEqual([
      ['edit/a', 3],
      ['edit/b', 2],
    ]);
  });

  it('makes one request per page and no other when nothing has changed', async () => {
    const path = await prompts.many('pages', 3);
    expect((await prompts.sync([path, '--yes', '--prefix', 'pages/'])).code).toBe(0);
    await using proxy = await startProxy({ target: prompts.running.url });
    const { code } = await prompts.sync([path, '--yes', '--prefix', 'pages/'], { url: proxy.url });
    expect(code).toBe(0);
    expect(proxy.requests).toEqual(['GET /v1/prompts?prefix=pages%2F&limit=1000&include=definition']);
  });

  it('continues after a failure, lists it, and exits with 1', async () => {
    const path = await prompts.file(`
prompts:
  fail/a: {input: A., voice: hazel}
  fail/b: {input: B., voice: nobody}
  fail/c: {input: C., voice: hazel}
`);
    const { code, stderr } = await prompts.sync([path, '--yes', '--prefix', 'fail/', '--concurrency', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Baking 3\/3, 1 failed\nsori: 1 of 3 failed:\n {2}fail\/b: .*nobody.*unknown_voice.*\n$/,
    );
    expect((await prompts.list('fail/')).map(({ name }) => name)).toEqual(['fail/a', 'fail/c']);
  });

  it('stops where every prompt would fail for the same reason', async () => {
    const path = await prompts.many('quota', 6);
    const refusal = {
      error: { message: 'The month is used up.', type: 'insufficient_quota', code: 'insufficient_quota' },
    };
    await using proxy = await startProxy({
      target: prompts.running.url,
      before: (method) =>
        method === 'PUT'
          ? Response.json(refusal, { status: 429, headers: { 'x-should-retry': 'false' } })
          : undefined,
    });
    const { code, stderr } = await prompts.sync([path, '--yes', '--prefix', 'quota/', '--concurrency', '2'], {
      url: proxy.url,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/2 of 6 failed:[\s\S]*It was given up.*4 are left/);
    expect(proxy.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(2);
  });

  it('skips a prompt that somebody else changes in the meantime', async () => {
    const path = await prompts.many('race', 1);
    await prompts.sync([path, '--yes', '--prefix', 'race/']);
    const changed = await prompts.many('race', 1, () => 'Mine.');
    const theirs = { input: 'Theirs.', voice: 'clara' };
    await using proxy = await startProxy({
      target: prompts.running.url,
      before: async (method, path) => {
        if (method === 'PUT') {
          const headers = { 'Content-Type': 'application/json' };
          await fetch(new URL(path, prompts.running.url), { method, headers, body: JSON.stringify(theirs) });
        }
        return undefined;
      },
    });
    const { code, stderr } = await prompts.sync([changed, '--yes', '--prefix', 'race/'], { url: proxy.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/race\/0: was changed by someone else meanwhile and is left as it is/);
    const response = await fetch(new URL('/v1/prompts/race/0', prompts.running.url));
    expect(((await response.json()) as PromptAnswer).definition?.input).toBe('Theirs.');
  });

  it('refuses a file with faults before it connects to the server', async () => {
    const path = await prompts.file('prompts: {a: {input: x, voice: k, speed: 9}, B: x}');
    const { code, stderr } = await prompts.sync([path, '--yes'], { url: new URL('http://127.0.0.1:1') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/:1:42: a: speed must be a number/);
    expect(stderr).toMatch(/:1:46: "B" is not a valid prompt name/);
    const outside = await prompts.sync([await prompts.many('one', 2), '--yes', '--prefix', 'two/']);
    expect([outside.code, outside.stderr]).toEqual([
      2,
      expect.stringMatching(/2 prompts outside of --prefix two\//),
    ]);
    const nothing = await prompts.sync(['nothing.yaml', '--yes']);
    expect([nothing.code, nothing.stderr]).toEqual([
      1,
      "sori: nothing.yaml can't be read: there is no such file.\n",
    ]);
  });
});
