import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSori, type SoriOptions } from '../../support/run-sori.ts';
import { startProxy } from '../../support/servers/proxy.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof serverFolder>>;
let server: RunningOrigin;
const at = (name: string) => join(folder.path, name);
const prompts = (args: readonly string[], options: SoriOptions = {}) =>
  runSori(['prompts', ...args], { url: server.url, cwd: folder.path, ...options });

const PROMPTS = `
defaults: {voice: hazel, formats: [mp3]}
prompts:
  goodbye: {input: "Goodbye, \\"friend\\".", tags: [end]}
  menu/hours:
    input: We are open from noon.
    locales: {en-AU: {voice: clara}}
  menu/welcome: Welcome.
`;

beforeAll(async () => {
  folder = await serverFolder();
  server = await runOrigin(folder.path, { AUTH: 'off' });
  await writeFile(at('prompts.yaml'), PROMPTS);
  const { code, stderr } = await prompts(['sync', 'prompts.yaml', '--yes']);
  expect([code, stderr]).toEqual([0, 'Baking 3/3\n']);
});
afterAll(async () => {
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

interface Probe {
  readonly streams: readonly { codec_name: string; sample_rate: string; channels: number }[];
  readonly format: { duration: string };
}
async function probe(path: string, ...args: string[]) {
  const options = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', ...args, path];
  const { streams, format } = JSON.parse((await run('ffprobe', options)).stdout) as Probe;
  const [{ codec_name, sample_rate, channels }] = streams;
  return { codec: codec_name, rate: Number(sample_rate), channels, seconds: Number(format.duration) };
}
const filesOf = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
const manifestOf = (text: Buffer | Uint8Array) =>
  parse(Buffer.from(text), { columns: true }) as Record<string, string>[];

describe('sori prompts export', () => {
  it('writes a ZIP that unzip reads, the same bytes each time, with a manifest', async () => {
    const exported = await prompts(['export', '--format', 'wav', '--zip', 'one.zip']);
    expect([exported.code, exported.stderr]).toEqual([0, 'Exporting 4/4\n']);
    expect(exported.stdout).toMatch(/^one\.zip: 4 files, 0\.\d MB\.\n$/);
    expect((await prompts(['export', '--format', 'wav', '--zip', 'two.zip', '-c', '1'])).code).toBe(0);
    const bytes = await readFile(at('one.zip'));
    expect(bytes.equals(await readFile(at('two.zip')))).toBe(true);

    await run('unzip', ['-q', at('one.zip'), '-d', at('unzipped')]);
    expect(filesOf(at('unzipped'))).toEqual([
      'en-AU/menu/hours.wav',
      'goodbye.wav',
      'manifest.csv',
      'menu/hours.wav',
      'menu/welcome.wav',
    ]);
    const rows = manifestOf(unzipSync(bytes)['manifest.csv']);
    expect(rows.map(({ name, locale, file, text }) => [name, locale, file, text])).toEqual([
      ['menu/hours', 'en-AU', 'en-AU/menu/hours.wav', 'We are open from noon.'],
      ['goodbye', 'default', 'goodbye.wav', 'Goodbye, "friend".'],
      ['menu/hours', 'default', 'menu/hours.wav', 'We are open from noon.'],
      ['menu/welcome', 'default', 'menu/welcome.wav', 'Welcome.'],
    ]);
    for (const { file, seconds, key } of rows) {
      const found = await probe(at(`unzipped/${file}`));
      expect(found).toMatchObject({ codec: 'pcm_s16le', rate: 24_000, channels: 1 });
      expect(found.seconds).toBeCloseTo(Number(seconds), 2);
      const served = await fetch(new URL(`/audio/${key}.wav`, server.url));
      const digest = createHash('sha256')
        .update(await readFile(at(`unzipped/${file}`)))
        .digest('hex');
      expect(served.headers.get('ETag')).toBe(`"${digest.slice(0, 32)}"`);
    }
  });

  it('writes the folders that Asterisk expects, at 8 kHz', async () => {
    expect(
      (await prompts(['export', '--format', 'wav', '--layout', 'asterisk', '--out', 'asterisk'])).code,
    ).toBe(0);
    expect(filesOf(at('asterisk'))).toEqual([
      'manifest.csv',
      'sounds/en_AU/menu/hours.wav',
      'sounds/en_US/goodbye.wav',
      'sounds/en_US/menu/hours.wav',
      'sounds/en_US/menu/welcome.wav',
    ]);
    const phone = { codec: 'pcm_s16le', rate: 8000, channels: 1 };
    expect(await probe(at('asterisk/sounds/en_US/menu/welcome.wav'))).toMatchObject(phone);

    const args = ['--layout', 'asterisk', '--out', 'ulaw', '--tag', 'end'];
    expect((await prompts(['export', '--format', 'mulaw', ...args])).code).toBe(0);
    expect(filesOf(at('ulaw'))).toEqual(['manifest.csv', 'sounds/en_US/goodbye.ulaw']);
    const [{ seconds }] = manifestOf(await readFile(at('ulaw/manifest.csv')));
    const raw = await probe(at('ulaw/sounds/en_US/goodbye.ulaw'), '-f', 'mulaw', '-ar', '8000');
    expect(raw.seconds).toBeCloseTo(Number(seconds), 2);
  });

  it('writes the folders that FreeSWITCH expects, the rate before the last name', async () => {
    const args = ['--format', 'wav', '--layout', 'freeswitch', '--out', 'freeswitch', '--prefix', 'menu/'];
    expect((await prompts(['export', ...args])).code).toBe(0);
    expect(filesOf(at('freeswitch'))).toEqual([
      'en/au/clara/menu/8000/hours.wav',
      'en/us/hazel/menu/8000/hours.wav',
      'en/us/hazel/menu/8000/welcome.wav',
      'manifest.csv',
    ]);
    expect(await probe(at('freeswitch/en/us/hazel/menu/8000/hours.wav'))).toMatchObject({ rate: 8000 });
  });

  it('exports one locale on request', async () => {
    expect((await prompts(['export', '--format', 'mp3', '--out', 'au', '--locale', 'en-au'])).code).toBe(0);
    expect(filesOf(at('au'))).toEqual(['en-AU/menu/hours.mp3', 'manifest.csv']);
    expect((await prompts(['export', '--format', 'mp3', '--out', 'rest', '--locale', 'default'])).code).toBe(
      0,
    );
    expect(filesOf(at('rest'))).toEqual([
      'goodbye.mp3',
      'manifest.csv',
      'menu/hours.mp3',
      'menu/welcome.mp3',
    ]);
  });

  it('refuses audio that differs from its ETag, and leaves nothing behind', async () => {
    const body = 'RIFF, but other bytes';
    await using proxy = await startProxy({
      target: server.url,
      before: (_, path) =>
        path.startsWith('/audio/')
          ? new Response(body, { headers: { ETag: `"${'0'.repeat(32)}"` } })
          : undefined,
    });
    const url = proxy.url;
    const { code, stderr } = await prompts(['export', '--format', 'wav', '--zip', 'bad.zip'], { url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\.wav was not downloaded correctly: its bytes do not match the ETag\.\n$/);
    expect(filesOf(folder.path).filter((name) => name.startsWith('bad'))).toEqual([]);
  });

  it('fetches audio again that arrives damaged once', async () => {
    let broken = 0;
    await using proxy = await startProxy({
      target: server.url,
      before: (_, path) =>
        path.startsWith('/audio/') && broken++ === 0
          ? new Response('x', { headers: { ETag: '"0"' } })
          : undefined,
    });
    expect(
      (await prompts(['export', '--format', 'wav', '--zip', 'mended.zip'], { url: proxy.url })).code,
    ).toBe(0);
    expect((await readFile(at('mended.zip'))).equals(await readFile(at('one.zip')))).toBe(true);
  });

  it.each([
    [['--format', 'wav'], 2, /Choose a target: --zip <file> or --out <folder>/],
    [['--format', 'wav', '--zip', 'a', '--out', 'b'], 2, /Choose a target/],
    [['--format', 'midi', '--zip', 'a.zip'], 2, /expected one of mp3/],
    [['--zip', 'a.zip'], 2, /--format/],
    [
      ['--format', 'pcm', '--layout', 'asterisk', '--zip', 'a.zip'],
      2,
      /asterisk has no pcm: .*wav, wav-8k, mulaw, alaw/,
    ],
    [['--format', 'mp3', '--layout', 'freeswitch', '--zip', 'a.zip'], 2, /freeswitch has no mp3/],
    [['--format', 'wav', '--zip', 'a.zip', '--prefix', 'none/'], 1, /no such prompt with audio/],
    [['--format', 'wav', '--zip', 'nowhere/a.zip'], 1, /nowhere\/a\.zip can't be written: ENOENT/],
    [['--format', 'wav', '--out', 'prompts.yaml'], 1, /can't be written: ENOTDIR|can't be written: EEXIST/],
  ])('refuses %s', async (args, expected, says) => {
    const { code, stderr } = await prompts(['export', ...args]);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(says)]);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(existsSync(at('a.zip'))).toBe(false);
  });
});

describe('sori prompts', () => {
  it('list, get, render, save, purge and delete', async () => {
    const listed = await prompts(['list', '--prefix', 'menu/']);
    expect(listed.stdout).toMatch(
      /^NAME +VERSION +SECONDS +VOICE +FORMATS +CHANGED +STATE +TEXT\nmenu\/hours +1 +\d\.\d\d +hazel +mp3 +\S+ \S+ +current +We are open/,
    );
    const json = JSON.parse((await prompts(['list', '--tag', 'end', '--json'])).stdout) as { name: string }[];
    expect(json.map(({ name }) => name)).toEqual(['goodbye']);
    expect((await prompts(['list', '--stale'])).stdout).toBe('There is no such prompt.\n');

    const got = await prompts(['get', 'menu/hours']);
    expect(got.stdout).toMatch(/^menu\/hours, version 1, of .*\n {2}.*input: We are open from noon\./s);
    expect(got.stdout).toContain(`${server.url.href}prompts/menu/hours.mp3\n`);
    expect(got.stdout).toMatch(/^en-AU: \d\.\d\d s, −?-?\d+\.\d LUFS, [0-9a-f]{64}$/m);

    expect((await prompts(['render', 'menu/welcome', '--out', 'rendered.mp3'])).code).toBe(0);
    expect(await probe(at('rendered.mp3'))).toMatchObject({ codec: 'mp3', rate: 24_000 });

    for (const name of ['saved.yaml', 'saved.json', 'saved.csv']) {
      expect((await prompts(['save', name])).code).toBe(0);
      expect((await prompts(['sync', name, '--check'])).code).toBe(0);
    }

    expect((await prompts(['purge', 'goodbye'])).stdout).toBe('Caches forget goodbye.\n');
    expect((await prompts(['delete', 'goodbye'])).code).toBe(0);
    const gone = await prompts(['get', 'goodbye']);
    expect([gone.code, gone.stderr]).toEqual([
      1,
      expect.stringMatching(/was deleted at .*\(410 deleted_prompt, /),
    ]);
  });

  it.each([['sync'], ['export'], ['report'], ['list'], ['save'], ['get'], ['delete'], ['purge'], ['render']])(
    '%s explains itself',
    async (name) => {
      const { code, stdout } = await prompts([name, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: sori prompts ${name} `));
    },
  );
});
