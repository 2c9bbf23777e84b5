import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPackage } from '../../../scripts/lib/build-package.ts';
import { launchBrowser } from '../../support/launch-browser.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

/** A folder of a user, with the packed package and what it depends on, and nothing else. */
let home: string;
const installed = (...path: string[]) => join(home, 'node_modules/sori', ...path);
/** The command that npm puts into `node_modules/.bin`. */
const sori = (...args: string[]) =>
  run(process.execPath, [installed('scripts/sori.js'), ...args], { cwd: home });

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sori-package-'));
  await buildPackage(join(home, 'built'));
  await run('npm', ['pack', './built', '--silent'], { cwd: home });
  const tarball = (await readdir(home)).find((name) => name.endsWith('.tgz'))!;
  await mkdir(installed(), { recursive: true });
  await run('tar', ['-xzf', join(home, tarball), '-C', installed(), '--strip-components=1']);
  await rm(join(home, 'built'), { recursive: true });
  // Only the dependencies that the package declares are linked from this repository.
  const { dependencies } = JSON.parse(await readFile(installed('package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(dependencies)) {
    await mkdir(join(home, 'node_modules', name, '..'), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(home, 'node_modules', name));
  }
}, 300_000);
afterAll(() => rm(home, { recursive: true, force: true }));

it('contains compiled files and types, and no sources', async () => {
  const files = await readdir(installed(), { recursive: true });
  expect(files.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([]);
  expect(files.filter((name) => /^(?:test|src\/edge|scripts\/train)\b/.test(name))).toEqual([]);
  expect(files).toContain('src/sdk/node.d.ts');
});

it('speaks from the command line', async () => {
  const { stderr } = await sori('say', 'Hello', '-o', 'hello.mp3');
  expect(stderr).toMatch(/^hello\.mp3: [\d.]+ s of audio/);
  const mp3 = await readFile(join(home, 'hello.mp3'));
  expect(mp3.length).toBeGreaterThan(2000);
  const { stdout } = await sori('--help');
  expect(stdout).toContain('npx sori say "Hello" -o hello.mp3');
  expect(stdout).not.toContain('npm run');
});

it('serves the HTTP interface, and lists its voices', async () => {
  const args = [installed('scripts/sori.js'), 'serve', '--port', '0', '--state', join(home, 'state')];
  const child = spawn(process.execPath, args, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  try {
    let output = '';
    child.stderr.on('data', (text) => {
      output += text;
    });
    // This closes the pipe. The server keeps running although it can't write its log.
    for await (const text of child.stdout) {
      output += text;
      if (output.includes('Ctrl-C')) break;
    }
    const url = /(http:\S+)\/v1\/audio\/speech/.exec(output)?.[1];
    expect(url, output).toBeDefined();
    const speech = await fetch(`${url}/v1/audio/speech`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'sori-2', voice: 'clara', input: 'Hello.' }),
    });
    expect([speech.status, speech.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(2000);
    expect((await sori('voices', '--url', url!)).stdout).toMatch(/^clara +en-US/m);
  } finally {
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
});

it('completes commands in bash', async () => {
  const script = `source <(node ${installed('scripts/sori.js')} completions bash)
    complete_at() { COMP_WORDS=(sori "$@"); COMP_CWORD=$#; _sori; echo "\${COMPREPLY[*]}"; }
    complete_at jo; complete_at jobs c; complete_at jobs create --wa; complete_at keys list --a; complete_at create -`;
  const { stdout } = await run('bash', ['-c', script], {
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
  });
  const [first, second, third, fourth, fifth] = stdout.split('\n');
  expect([first, second, third, fourth]).toEqual(['jobs', 'create cancel', '--watch', '--all --api-key']);
  expect(fifth).not.toContain('--watch');
});

const PROGRAM = `
import { createSori, type Spoken } from 'sori';
const sori = await createSori({ runtime: 'wasm' });
const speech: Spoken = await sori.speak({ input: 'Hello there.', voice: 'clara', response_format: 'wav' });
// @ts-expect-error The type of a field is checked.
sori.speak({ input: 'Hello there.', speed: 'fast' }).catch(() => {});
const bytes: Uint8Array = await speech.bytes();
console.log(JSON.stringify({ bytes: bytes.length, words: speech.cues('word').map((cue) => cue.text) }));
`;

describe('as a library', () => {
  it('has types', async () => {
    await writeFile(join(home, 'program.mts'), PROGRAM);
    const settings = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', '--target', 'es2023'];
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, ...settings, ...types, 'program.mts'], { cwd: home }).catch(
      ({ stdout }: { stdout: string }) => expect.fail(stdout),
    );
  });

  it('gives the same bytes in Node and in a browser', async () => {
    const { stdout } = await run(
      process.execPath,
      ['--input-type=module-typescript', '--eval', `${PROGRAM}\n${SAVE}`],
      { cwd: home },
    );
    expect(JSON.parse(stdout)).toMatchObject({ words: ['Hello', 'there'] });
    const node = await readFile(join(home, 'node.wav'));
    await sori('assets', 'site/sori');
    const page = `import { createSori } from 'sori';
      globalThis.speak = async () => {
        const sori = await createSori({ assets: '/sori/', prefer: 'wasm' });
        const speech = await sori.speak({ input: 'Hello there.', voice: 'clara', response_format: 'wav' });
        const mp3 = await sori.speak('Hello there.');
        return [sori.backend, (await mp3.bytes()).length, ...(await speech.bytes())];
      };`;
    await writeFile(join(home, 'site/page.js'), await bundled(page));
    const [backend, mp3, ...bytes] = await inChromium(join(home, 'site'));
    expect([backend, mp3 > 2000]).toEqual(['web-wasm', true]);
    expect(Buffer.compare(Buffer.from(bytes as number[]), node)).toBe(0);
  });

  it('and each of its parts stay within the size budget', async () => {
    const size = async (code: string) => gzipSync(await bundled(code)).length;
    const whole = await size(`import { createSori } from 'sori'; console.log(createSori);`);
    const audio = await size(`import { createEncoder } from 'sori/audio'; console.log(createEncoder);`);
    const captions = await size(`import { webVtt } from 'sori/audio'; console.log(webVtt);`);
    // Without the WebAssembly files and the model. Most of it is the text front ends of English and Korean.
    expect(whole).toBeLessThan(600_000);
    expect(audio).toBeLessThan(25_000);
    expect(captions).toBeLessThan(1500);
  });
});

const SAVE = `(await import('node:fs')).writeFileSync('node.wav', bytes);`;

/** A page's script as a bundler makes it of the installed package. */
async function bundled(code: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: home },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    // The page loads the WebAssembly files by URL.
    external: ['node:*'],
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].contents;
}

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves a folder, opens a page with its script in Chromium, and calls `speak`. */
async function inChromium(folder: string): Promise<[backend: string, mp3: number, ...bytes: number[]]> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://x').pathname;
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html');
      return response.end('<!doctype html><script type="module" src="/page.js"></script>');
    }
    const body = await readFile(join(folder, path)).catch(() => undefined);
    response.writeHead(body ? 200 : 404, {
      'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    });
    return response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.speak');
    return await page.evaluate('globalThis.speak()');
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
