import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PromptsServer, promptsServer } from '../../support/servers/prompts-server.ts';
import { startProxy } from '../../support/servers/proxy.ts';
import { onTerminal } from '../../support/terminal.ts';

const SORI = resolve(import.meta.dirname, '../../../scripts/sori.ts');

let prompts: PromptsServer;
beforeAll(async () => {
  prompts = await promptsServer();
});
afterAll(() => prompts?.[Symbol.asyncDispose]());

const sync = (args: readonly string[], url = prompts.running.url) =>
  onTerminal([process.execPath, '--no-warnings', SORI, 'prompts', 'sync', ...args], {
    SORI_URL: url.href,
    SORI_API_KEY: '',
    CI: undefined,
  });
/** What is on the screen, without the sequences that move and colour it. */
const plain = (text: string) => text.replaceAll(/\x1b(?:\[[\d;?]*[A-Za-z]|[78])/g, '');

describe('sori prompts sync on a terminal', () => {
  it.each(['n\n', '\n'])('changes nothing when the answer is %j', async (answer) => {
    const path = await prompts.many('asked', 2);
    const terminal = sync([path, '--prefix', 'asked/']);
    await terminal.said('Go ahead and bake 2? [y/N] ');
    terminal.type(answer);
    expect(await terminal.ended).toBe(1);
    expect(terminal.output()).toContain('Nothing was changed.');
    expect(await prompts.list('asked/')).toEqual([]);
  });

  it('bakes after a yes, with a progress bar, and lists failures', async () => {
    const path = await prompts.many('bar', 3);
    await using proxy = await startProxy({
      target: prompts.running.url,
      before: (method, target) =>
        method === 'PUT' && target.endsWith('/1')
          ? Response.json({ error: { message: 'No.', code: 'invalid_value' } }, { status: 400 })
          : undefined,
    });
    const terminal = sync([path, '--prefix', 'bar/', '--concurrency', '1'], proxy.url);
    await terminal.said('Go ahead and bake 3? [y/N] ');
    terminal.type('y\n');
    expect(await terminal.ended).toBe(1);
    const seen = plain(terminal.output());
    expect(seen).toMatch(/Baking [█░]+ 0\/3/);
    expect(seen).toMatch(/Baking █+ 3\/3 .*, 1 failed/);
    expect(seen).toContain('1 of 3 failed:');
    const [hidden, shown] = ['\x1b[?25l', '\x1b[?25h'].map((code) => terminal.output().lastIndexOf(code));
    expect(shown, 'the cursor is there again').toBeGreaterThan(hidden);
    expect((await prompts.list('bar/')).map(({ name }) => name)).toEqual(['bar/0', 'bar/2']);
  });

  it('exits at the question by Ctrl-C', async () => {
    const path = await prompts.many('stopped', 1);
    const terminal = sync([path, '--prefix', 'stopped/']);
    await terminal.said('Go ahead and bake 1? [y/N] ');
    terminal.type('\x03');
    expect(await terminal.ended).toBe(130);
    expect(await prompts.list('stopped/')).toEqual([]);
  });
});
