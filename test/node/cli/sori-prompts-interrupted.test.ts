import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PromptsServer, promptsServer } from '../../support/servers/prompts-server.ts';
import { startProxy } from '../../support/servers/proxy.ts';

let prompts: PromptsServer;
beforeAll(async () => {
  prompts = await promptsServer();
});
afterAll(() => prompts?.[Symbol.asyncDispose]());

describe('sori prompts sync, interrupted', () => {
  it('by Ctrl-C, finishes running prompts and prints how to continue; the next run does the rest', async () => {
    const path = await prompts.many('stop', 8);
    let child: ChildProcess | undefined;
    let puts = 0;
    await using proxy = await startProxy({
      target: prompts.running.url,
      before: (method) => {
        if (method === 'PUT' && ++puts === 3) child?.kill('SIGINT');
        return undefined;
      },
    });
    const onStart = (started: ChildProcess) => {
      child = started;
    };
    const args = [path, '--yes', '--prefix', 'stop/', '--concurrency', '2'];
    const { code, stderr } = await prompts.sync(args, { url: proxy.url, onStart });
    expect(code).toBe(130);
    const { length } = await prompts.list('stop/');
    expect(length).toBeGreaterThanOrEqual(3);
    expect(length).toBeLessThan(8);
    expect(length).toBe(puts);
    expect(stderr).toContain(
      `Interrupted. ${8 - length} are left: run the same command again, and it does the rest.`,
    );
    const rest = await prompts.sync(args);
    expect(rest.stdout).toContain(`Done: ${8 - length} of ${8 - length}.`);
    await prompts.expectWhole(await prompts.list('stop/'));
  });

  it('by Ctrl-C, does not wait for another attempt', async () => {
    const path = await prompts.many('wait', 3);
    let child: ChildProcess | undefined;
    const refusal = { error: { message: 'Too many.', type: 'requests', code: 'rate_limit_exceeded' } };
    await using proxy = await startProxy({
      target: prompts.running.url,
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
    const { code, stderr } = await prompts.sync(args, { url: proxy.url, onStart });
    expect(code).toBe(130);
    expect(stderr).toMatch(/Too many\..* Trying again in \d+ s\.\n/);
    expect(stderr).toContain('Interrupted. 3 are left');
    expect(proxy.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  });

  it('by kill -9 of the command, publishes nothing incomplete, and the next sync does the rest', async () => {
    const path = await prompts.many('killed', 8);
    let child: ChildProcess | undefined;
    let puts = 0;
    await using proxy = await startProxy({
      target: prompts.running.url,
      after: (method) => {
        if (method === 'PUT' && ++puts === 2) child?.kill('SIGKILL');
      },
    });
    const onStart = (started: ChildProcess) => {
      child = started;
    };
    await prompts.sync([path, '--yes', '--prefix', 'killed/', '--concurrency', '4'], {
      url: proxy.url,
      onStart,
    });
    const before = await prompts.list('killed/');
    expect(before.length).toBeGreaterThanOrEqual(2);
    expect(before.length).toBeLessThan(8);
    await prompts.expectWhole(before);
    expect((await prompts.sync([path, '--yes', '--prefix', 'killed/'])).code).toBe(0);
    const after = await prompts.list('killed/');
    expect(after).toHaveLength(8);
    await prompts.expectWhole(after);
    expect((await prompts.sync([path, '--check', '--prefix', 'killed/'])).code).toBe(0);
  });
});
