import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, runServer, serverFolder } from '../support/running-server.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
const packageJson = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

/** Commands of the README's shell blocks, continuation lines joined. */
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== ''),
);

describe('README', () => {
  let folder: Awaited<ReturnType<typeof serverFolder>>;
  let server: RunningServer;
  let work: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'sori-readme-'));
    folder = await serverFolder();
    server = await runServer(folder.path);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await rm(work, { recursive: true, force: true });
  });

  it.each(commands.filter((line) => line.startsWith('curl')))('%s', async (line) => {
    const command = line
      .replaceAll('http://localhost:8787', server.url.origin)
      .replace('curl', 'curl --silent --fail-with-body');
    await run('bash', ['-c', command], { cwd: work });
    const out = /-o (\S+)/.exec(line)![1];
    expect((await stat(join(work, out))).size).toBeGreaterThan(1000);
  });

  it.each(commands.filter((line) => line.startsWith('npm run say')))('%s', async (line) => {
    const { stdout } = await run('bash', ['-c', line.replace('hello.wav', join(work, 'hello.wav'))], {
      cwd: ROOT,
    });
    if (line.includes('hello.wav'))
      expect((await readFile(join(work, 'hello.wav'))).toString('latin1', 0, 4)).toBe('RIFF');
    else expect(stdout).toMatch(/kathleen|Usage/);
  });

  it('names only npm scripts that there are', () => {
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  it('gives a reason for every package', () => {
    const table = readme.slice(readme.indexOf('## Packages'), readme.indexOf('## Licence'));
    const packages = Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies });
    expect(packages.filter((name) => !table.includes(name))).toEqual([]);
  });
});
