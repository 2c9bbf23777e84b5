import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromptAnswer, PromptListAnswer } from '../../src/routes/prompt-answer.ts';
import { startProxy } from '../support/proxy.ts';
import { runSori, type SoriOptions } from '../support/run-sori.ts';
import { putTinyModel, type RunningServer, runServer, serverFolder } from '../support/running-server.ts';

let folder: Awaited<ReturnType<typeof serverFolder>>;
let server: RunningServer;
let files = 0;

beforeAll(async () => {
  folder = await serverFolder();
  server = await runServer(folder.path);
});
afterAll(async () => {
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

/** Writes a prompts file. */
async function file(text: string, name = `prompts-${files++}.yaml`): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(folder.path, { recursive: true });
  await writeFile(path, text);
  return path;
}

/** Some prompts below a prefix, every one with a text of its own. */
const many = (prefix: string, count: number, say = (i: number) => `Prompt ${i} of ${prefix}.`) =>
  file(
    `defaults: {voice: kathleen, formats: [wav-8k, mp3]}\nprompts:\n${Array.from(
      { length: count },
      (_, i) => `  ${prefix}/${i}: ${JSON.stringify(say(i))}\n`,
    ).join('')}`,
  );

const sync = (args: readonly string[], options: SoriOptions = {}) =>
  runSori(['prompts', 'sync', ...args], { url: server.url, ...options });

const list = async (prefix: string): Promise<PromptAnswer[]> => {
  const response = await fetch(new URL(`/v1/prompts?limit=1000&prefix=${prefix}`, server.url));
  return ((await response.json()) as PromptListAnswer).data;
};

/** All audio of prompts is there, whole: each file is what its ETag says, and lasts as long as the catalogue says. */
async function expectWhole(prompts: readonly PromptAnswer[]): Promise<void> {
  for (const { name, audio, urls } of prompts) {
    expect(Object.keys(audio)).toContain('default');
    const paths = [...Object.values(audio).flatMap((one) => Object.values(one.urls)), ...Object.values(urls)];
    for (const path of paths) {
      const response = await fetch(new URL(path, server.url));
      const bytes = Buffer.from(await response.arrayBuffer());
      expect([name, path, response.status]).toEqual([name, path, 200]);
      const digest = createHash('sha256').update(bytes).digest('hex');
      expect(response.headers.get('ETag')).toContain(digest.slice(0, 32));
      if (!path.endsWith('.wav-8k')) continue;
      const stated = bytes.readUInt32LE(bytes.indexOf('data') + 4);
      expect(stated).toBe(bytes.length - bytes.indexOf('data') - 8);
      expect(stated / 16_000).toBeCloseTo(audio.default.seconds, 2);
    }
  }
}

describe('sori prompts sync', () => {
  it('plans, asks, bakes, and finds nothing to do afterwards', async () => {
    const path = await file(`
defaults: {voice: kathleen, formats: [mp3]}
prompts:
  life/welcome: Welcome.
  life/hours: {input: Open from noon., locales: {en-AU: {voice: linda}}}
`);
    const unasked = await sync([path]);
    expect([unasked.code, unasked.stdout]).toEqual([2, '']);
    expect(unasked.stderr).toMatch(/no terminal to ask at.*--yes/);

    const checked = await sync([path, '--check', '--prefix', 'life/']);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toBe(
      '+ life/hours  "Open from noon."\n+ life/welcome  "Welcome."\n\nPlan: 2 new, 0 changed, 0 stale, 0 removed, 0 unchanged. To speak: 38 characters at most.\n',
    );
    expect((await sync([path, '--plan', '--prefix', 'life/'])).code).toBe(0);
    expect(await list('life/')).toEqual([]);

    const applied = await sync([path, '--yes', '--prefix', 'life/']);
    expect([applied.code, applied.stderr]).toEqual([0, 'Baking 2/2\n']);
    expect(applied.stdout).toMatch(/Done: 2 of 2\.\n$/);
    const prompts = await list('life/');
    expect(prompts.map(({ name, version }) => [name, version])).toEqual([
      ['life/hours', 1],
      ['life/welcome', 1],
    ]);
    expect(Object.keys(prompts[0].audio)).toEqual(['default', 'en-AU']);
    await expectWhole(prompts);

    const again = await sync([path, '--yes', '--prefix', 'life/']);
    expect(again).toEqual({
      code: 0,
      stdout: 'Plan: 0 new, 0 changed, 0 stale, 0 removed, 2 unchanged.\n',
      stderr: '',
    });
    expect((await sync([path, '--check', '--prefix', 'life/'])).code).toBe(0);
  });

  it('shows what changes, changes that alone, and deletes with --prune only', async () => {
    const before = await file(
      'name,input,voice,speed\nedit/a,One.,kathleen,\nedit/b,Two.,kathleen,\n',
      'edit.csv',
    );
    expect((await sync([before, '--yes', '--prefix', 'edit/'])).code).toBe(0);
    const after = await file(
      '{"prompts": {"edit/a": {"input": "One!", "voice": "kathleen", "speed": 1.2}}}',
      'edit.json',
    );
    const kept = await sync([after, '--yes', '--prefix', 'edit/']);
    expect(kept.code).toBe(0);
    expect(kept.stdout).toContain(
      '~ edit/a\n    input: "One." → "One!"\n    speed: 1.2 (was not set)\n− edit/b\n',
    );
    expect(kept.stdout).toContain('1 in the catalogue only: kept, as --prune is not given.');
    expect((await list('edit/')).map(({ name, version }) => [name, version])).toEqual([
      ['edit/a', 2],
      ['edit/b', 1],
    ]);
    expect((await sync([after, '--check', '--prefix', 'edit/'])).code).toBe(1);

    const pruned = await sync([after, '--yes', '--prune', '--prefix', 'edit/', '--json']);
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
    expect((await sync([after, '--check', '--prefix', 'edit/'])).code).toBe(0);
    // A deleted name comes back.
    expect((await sync([before, '--yes', '--prefix', 'edit/'])).code).toBe(0);
    expect((await list('edit/')).map(({ name, version }) => [name, version])).toEqual([
      ['edit/a', 3],
      ['edit/b', 2],
    ]);
  });

  it('asks once per page and for nothing else when nothing has changed', async () => {
    const path = await many('pages', 3);
    expect((await sync([path, '--yes', '--prefix', 'pages/'])).code).toBe(0);
    await using proxy = await startProxy({ target: server.url });
    const { code } = await sync([path, '--yes', '--prefix', 'pages/'], { url: proxy.url });
    expect(code).toBe(0);
    expect(proxy.requests).toEqual(['GET /v1/prompts?prefix=pages%2F&limit=1000&include=definition']);
  });

  it('goes on after a failure, lists it, and exits with 1', async () => {
    const path = await file(`
prompts:
  fail/a: {input: A., voice: kathleen}
  fail/b: {input: B., voice: nobody}
  fail/c: {input: C., voice: kathleen}
`);
    const { code, stderr } = await sync([path, '--yes', '--prefix', 'fail/', '--concurrency', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Baking 3\/3, 1 failed\nsori: 1 of 3 failed:\n {2}fail\/b: .*nobody.*unknown_voice.*\n$/,
    );
    expect((await list('fail/')).map(({ name }) => name)).toEqual(['fail/a', 'fail/c']);
  });

  it('gives up where all would fail alike', async () => {
    const path = await many('quota', 6);
    const refusal = {
      error: { message: 'The month is used up.', type: 'insufficient_quota', code: 'insufficient_quota' },
    };
    await using proxy = await startProxy({
      target: server.url,
      before: (method) =>
        method === 'PUT'
          ? Response.json(refusal, { status: 429, headers: { 'x-should-retry': 'false' } })
          : undefined,
    });
    const { code, stderr } = await sync([path, '--yes', '--prefix', 'quota/', '--concurrency', '2'], {
      url: proxy.url,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/2 of 6 failed:[\s\S]*It was given up.*4 are left/);
    expect(proxy.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(2);
  });

  it('leaves a prompt alone that somebody else changes meanwhile', async () => {
    const path = await many('race', 1);
    await sync([path, '--yes', '--prefix', 'race/']);
    const changed = await many('race', 1, () => 'Mine.');
    const theirs = { input: 'Theirs.', voice: 'linda' };
    await using proxy = await startProxy({
      target: server.url,
      before: async (method, path) => {
        if (method === 'PUT') {
          const headers = { 'Content-Type': 'application/json' };
          await fetch(new URL(path, server.url), { method, headers, body: JSON.stringify(theirs) });
        }
        return undefined;
      },
    });
    const { code, stderr } = await sync([changed, '--yes', '--prefix', 'race/'], { url: proxy.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/race\/0: was changed by someone else meanwhile and is left as it is/);
    const response = await fetch(new URL('/v1/prompts/race/0', server.url));
    expect(((await response.json()) as PromptAnswer).definition?.input).toBe('Theirs.');
  });

  it('refuses a file with faults before it asks the server', async () => {
    const path = await file('prompts: {a: {input: x, voice: k, speed: 9}, B: x}');
    const { code, stderr } = await sync([path, '--yes'], { url: new URL('http://127.0.0.1:1') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/:1:42: a: speed must be a number/);
    expect(stderr).toMatch(/:1:46: "B" is no name of a prompt/);
    const outside = await sync([await many('one', 2), '--yes', '--prefix', 'two/']);
    expect([outside.code, outside.stderr]).toEqual([
      2,
      expect.stringMatching(/2 prompts outside of --prefix two\//),
    ]);
    const nothing = await sync(['nothing.yaml', '--yes']);
    expect([nothing.code, nothing.stderr]).toEqual([
      1,
      "sori: nothing.yaml can't be read: there is no such file.\n",
    ]);
  });
});

describe('interrupted', () => {
  it('by Ctrl-C, finishes what is under way, says how to go on, and going on does the rest', async () => {
    const path = await many('stop', 8);
    let child: ChildProcess | undefined;
    let puts = 0;
    await using proxy = await startProxy({
      target: server.url,
      before: (method) => {
        if (method === 'PUT' && ++puts === 3) child?.kill('SIGINT');
        return undefined;
      },
    });
    const onStart = (started: ChildProcess) => {
      child = started;
    };
    const args = [path, '--yes', '--prefix', 'stop/', '--concurrency', '2'];
    const { code, stderr } = await sync(args, { url: proxy.url, onStart });
    expect(code).toBe(130);
    const { length } = await list('stop/');
    expect(length).toBeGreaterThanOrEqual(3);
    expect(length).toBeLessThan(8);
    expect(length).toBe(puts);
    expect(stderr).toContain(
      `Interrupted. ${8 - length} are left: run the same command again, and it does the rest.`,
    );
    const rest = await sync(args);
    expect(rest.stdout).toContain(`Done: ${8 - length} of ${8 - length}.`);
    await expectWhole(await list('stop/'));
  });

  it('by Ctrl-C, does not wait for another attempt', async () => {
    const path = await many('wait', 3);
    let child: ChildProcess | undefined;
    const refusal = { error: { message: 'Too many.', type: 'requests', code: 'rate_limit_exceeded' } };
    await using proxy = await startProxy({
      target: server.url,
      before: (method) =>
        method === 'PUT'
          ? Response.json(refusal, { status: 429, headers: { 'Retry-After': '100' } })
          : undefined,
    });
    const onStart = (started: ChildProcess) => {
      child = started;
      started.stderr?.on('data', (text) => {
        if (String(text).includes('Trying again')) child?.kill('SIGINT');
      });
    };
    const args = [path, '--yes', '--prefix', 'wait/', '--concurrency', '1'];
    const { code, stderr } = await sync(args, { url: proxy.url, onStart });
    expect(code).toBe(130);
    expect(stderr).toMatch(/Too many\..* Trying again in \d+ s\.\n/);
    expect(stderr).toContain('Interrupted. 3 are left');
    expect(proxy.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  });

  it('by kill -9 of the command, serves nothing half-written, and the next sync does the rest', async () => {
    const path = await many('killed', 8);
    let child: ChildProcess | undefined;
    let puts = 0;
    await using proxy = await startProxy({
      target: server.url,
      after: (method) => {
        if (method === 'PUT' && ++puts === 2) child?.kill('SIGKILL');
      },
    });
    const onStart = (started: ChildProcess) => {
      child = started;
    };
    await sync([path, '--yes', '--prefix', 'killed/', '--concurrency', '4'], { url: proxy.url, onStart });
    const before = await list('killed/');
    expect(before.length).toBeGreaterThanOrEqual(2);
    expect(before.length).toBeLessThan(8);
    await expectWhole(before);
    expect((await sync([path, '--yes', '--prefix', 'killed/'])).code).toBe(0);
    const after = await list('killed/');
    expect(after).toHaveLength(8);
    await expectWhole(after);
    expect((await sync([path, '--check', '--prefix', 'killed/'])).code).toBe(0);
  });

  it('by kill -9 of the server and its workerd, serves nothing half-written, and the next sync does the rest', async () => {
    // Long texts, so that other bakes are under way when the first has ended.
    const path = await many('crash', 8, (i) => `This is sentence ${i}, which takes a while. `.repeat(2));
    const crashed = server;
    await using proxy = await startProxy({
      target: server.url,
      after: (method) => {
        if (method === 'PUT') killAll(crashed.child.pid!);
      },
    });
    const args = [path, '--yes', '--prefix', 'crash/', '--concurrency', '8'];
    const { code, stderr } = await sync(args, { url: proxy.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/of 8 failed/);

    server = await runServer(folder.path);
    const before = await list('crash/');
    expect(before.length).toBeLessThan(8);
    await expectWhole(before);
    expect((await sync(args)).code).toBe(0);
    const after = await list('crash/');
    expect(after).toHaveLength(8);
    await expectWhole(after);
    // What was there before the crash is there after it, too.
    await expectWhole(await list('life/'));
  });
});

it('finds what another model has made stale, and renews it; the old audio stays', async () => {
  const path = await many('stale', 2);
  const args = [path, '--prefix', 'stale/'];
  expect((await sync([...args, '--yes'])).code).toBe(0);
  const before = await list('stale/');
  await server.stop();
  await putTinyModel(folder.path, 2);
  server = await runServer(folder.path);

  const checked = await sync([...args, '--check']);
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(/^↻ stale\/0 .*another model.*\n↻ stale\/1 /);
  expect(checked.stdout).toContain('Plan: 0 new, 0 changed, 2 stale, 0 removed, 0 unchanged.');
  const stale = await runSori(['prompts', 'list', '--stale', '--prefix', 'stale/', '--json'], {
    url: server.url,
  });
  expect(JSON.parse(stale.stdout)).toHaveLength(2);
  await expectWhole(await list('stale/'));

  expect((await sync([...args, '--yes'])).stdout).toContain('Done: 2 of 2.');
  expect((await sync([...args, '--check'])).code).toBe(0);
  const after = await list('stale/');
  await expectWhole(after);
  expect(after.map(({ version }) => version)).toEqual([2, 2]);
  expect(after[0].audio.default.key).not.toBe(before[0].audio.default.key);
  const old = await fetch(new URL(before[0].audio.default.urls.mp3 ?? '', server.url));
  expect(old.status).toBe(200);
});

/** Kills a process and all that descend from it, by what Linux tells. */
function killAll(pid: number): void {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').match(/\) \S (\d+)/) ?? [];
        return [[Number(name), Number(parent)]];
      } catch {
        return [];
      }
    });
  const children = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...children(child)]);
  for (const each of [pid, ...children(pid)]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
