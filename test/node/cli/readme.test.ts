import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
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

/** Some seconds of speech, for the examples that ask for a recording of one's own. */
async function recording(): Promise<Uint8Array> {
  const args = [
    'scripts/say.ts',
    MONOLOGUE,
    '--out',
    '-',
    '--format',
    'wav',
    '--quiet',
    '--diffusion-steps',
    '0',
  ];
  const { stdout } = await run(process.execPath, args, {
    cwd: ROOT,
    encoding: 'buffer',
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

const MONOLOGUE =
  'This is how I read when nobody is in a hurry: evenly, and with a pause where a pause belongs. ' +
  'The last train leaves at ten, so we have all the time in the world.';

describe('README', () => {
  let folder: Awaited<ReturnType<typeof serverFolder>>;
  let server: RunningServer;
  let work: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'sori-readme-'));
    folder = await serverFolder();
    server = await runServer(folder.path);
    await writeFile(join(work, 'me.wav'), await recording());
    await writeFile(join(work, 'prompts.yaml'), /```yaml\n(# prompts.yaml\n[\s\S]*?)```/.exec(readme)![1]);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await rm(work, { recursive: true, force: true });
  });

  // In the README's order: what is fetched was put there before.
  it.each(commands.filter((line) => /^(?:curl|npm run sori) /.test(line)))('%s', async (line) => {
    const command = line
      .replaceAll('http://localhost:8787', server.url.origin)
      .replace('curl', 'curl --silent --fail-with-body')
      .replace('npm run', `npm --prefix ${ROOT} run`);
    const env = { ...process.env, SORI_URL: server.url.origin, INIT_CWD: work };
    const { stdout } = await run('bash', ['-c', command], { cwd: work, env });
    const written = /(?: -o | --zip | report )(\S+)$/.exec(line)?.[1];
    if (written === undefined) return expect(stdout).not.toBe('');
    const out = await readFile(join(work, written));
    if (line.includes('/v1/styles')) expect(JSON.parse(out.toString()).id).toMatch(/^sty_/);
    else if (line.includes('.vtt')) expect(out.toString()).toMatch(/^WEBVTT\n/);
    else expect(out.length).toBeGreaterThan(1000);
  });

  it.each(commands.filter((line) => line.startsWith('npm run say')))('%s', async (line) => {
    const outputs = [...line.matchAll(/(?<=--(?:out|plot) )\S+/g)].map(([name]) => name);
    const command = outputs.reduce((text, name) => text.replace(` ${name}`, ` ${join(work, name)}`), line);
    const { stdout } = await run('bash', ['-c', command], { cwd: ROOT });
    for (const name of outputs) {
      const head = (await readFile(join(work, name))).toString('latin1', 0, 4);
      expect(head).toBe(name.endsWith('.png') ? '\x89PNG' : 'RIFF');
    }
    if (line.includes('--explain')) expect(stdout).toMatch(/^word +phoneme/m);
    if (outputs.length === 0) expect(stdout).toMatch(/kathleen|Usage/);
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
