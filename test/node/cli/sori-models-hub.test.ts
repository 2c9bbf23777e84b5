import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTinyKokoro, writeTinyWhisper } from '../../support/models/tiny-models.ts';
import { runSori } from '../../support/run-sori.ts';
import { COMMIT, type HubServer, type ServedRepository, startHub } from '../../support/servers/hub-server.ts';
import { onTerminal } from '../../support/terminal.ts';

const SORI = resolve(import.meta.dirname, '../../../scripts/sori.ts');
/** A directory that a process has no room in is not at hand; a model that fits no disk is. */
const HUGE = 2 ** 50;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hub: HubServer;
let kokoro: ServedRepository;
beforeEach(async () => {
  folder = await temporaryFolder();
  hub = await startHub();
  await writeTinyKokoro(join(folder.path, 'kokoro'));
  kokoro = await hub.addFolder('hums/kokoro', join(folder.path, 'kokoro'), {
    cardData: { license: 'apache-2.0' },
  });
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  SORI_MODELS: join(folder.path, 'models'),
  SORI_ALLOW_DOWNLOAD: '',
  HF_ENDPOINT: hub.url.href,
  HF_TOKEN: '',
  ...more,
});
const add = (args: readonly string[], env?: Readonly<Record<string, string>>) =>
  runSori(['models', 'add', ...args], { cwd: folder.path, env: environment(env) });
const download = (...args: string[]) => add([...args, '--allow-download']);
const inModels = () => readdir(join(folder.path, 'models')).catch(() => []);
const requestsOf = (name: string) => hub.requests.filter((request) => request.includes(name));

interface Manifest {
  readonly files: { path: string; bytes: number; sha256: string }[];
}
/** Changes the model.json that the hub serves. */
function changeManifest(with_: (manifest: Manifest) => void): void {
  const manifest: Manifest = JSON.parse(String(kokoro.files.get('model.json')));
  with_(manifest);
  kokoro.files.set('model.json', Buffer.from(JSON.stringify(manifest)));
}

describe('sori models add of a hub id', () => {
  it('makes no request before the operator allows it', async () => {
    const { code, stderr } = await add(['hums/kokoro']);
    expect(stderr).toBe(
      `sori: There is no folder hums/kokoro. If it is a model on ${hub.url.host}, --allow-download (or SORI_ALLOW_DOWNLOAD=on) lets this command download it\n`,
    );
    expect({ code, requests: hub.requests }).toEqual({ code: 1, requests: [] });
  });

  it('downloads what model.json lists, shows where it comes from, and stores that', async () => {
    kokoro.files.set('README.md', Buffer.from('# A model card'));
    kokoro.files.set('unlisted.bin', Buffer.alloc(100));
    const { code, stdout, stderr } = await add(['hums/kokoro@v1'], { SORI_ALLOW_DOWNLOAD: 'on' });
    const page = `${hub.url.origin}/hums/kokoro/tree/${COMMIT}`;
    expect(stderr).toBe(`hums/kokoro@v1: licence apache-2.0, 3 files, 1 MiB, ${page}\n`);
    expect(stdout).toMatch(/^Added kokoro 1\.0: speech by driver kokoro, licence CC0-1\.0, 2 voices, /);
    expect(code).toBe(0);
    const stored = JSON.parse(await readFile(join(folder.path, 'models/kokoro/model.json'), 'utf8'));
    expect(stored).toMatchObject({ source: page, licence: 'CC0-1.0' });
    expect([...requestsOf('README.md'), ...requestsOf('unlisted.bin')]).toEqual([]);
    expect(await inModels()).toEqual(['kokoro']);
  });

  it('takes the licence of the model card for files that a driver recognizes', async () => {
    kokoro.files.delete('model.json');
    kokoro.about = { tags: ['license:other'], cardData: { license: 'other', license_name: 'hum-1.0' } };
    const { stdout } = await download('hums/kokoro', '--id', 'hum', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ id: 'hum', driver: 'kokoro', licence: 'hum-1.0' });
  });

  it('takes a folder of that name without asking a server', async () => {
    await writeTinyWhisper(join(folder.path, 'hums/kokoro'));
    expect((await download('hums/kokoro')).stdout).toMatch(/^Added whisper-tiny/);
    expect(hub.requests).toEqual([]);
  });

  describe('of a large file', () => {
    const FILE = 'weights.bin';
    const content = Buffer.alloc(1024 * 1024, 'hum');
    const half = content.length / 2;
    beforeEach(() => {
      kokoro.files.set(FILE, content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      changeManifest((manifest) => manifest.files.push({ path: FILE, bytes: content.length, sha256 }));
      // The small files are sent whole.
      hub.breaking = FILE;
    });
    /** First byte of each request for it. */
    const starts = () =>
      requestsOf(`LFS /hums/kokoro/${FILE}`).map((request) =>
        Number(/bytes=(\d+)-$/.exec(request)?.[1] ?? 0),
      );

    it('continues after a connection that broke, in the same run', async () => {
      hub.breaks.push(half);
      expect(await download('hums/kokoro')).toMatchObject({ code: 0 });
      const [first, second, ...more] = starts();
      expect({ first, more }).toEqual({ first: 0, more: [] });
      expect(second).toBeGreaterThan(0);
      expect(second).toBeLessThanOrEqual(half);
    });

    it.each([
      ['a server that answers ranges', true],
      ['a server that sends whole files only', false],
    ])('continues in the next run what was left behind, from %s', async (_, ranges) => {
      hub.breaks.push(half, 0, 0, 0);
      const broken = await download('hums/kokoro');
      expect(broken.stderr).toMatch(/sori: The download of weights\.bin was interrupted: .+\n$/);
      expect(broken.code).toBe(1);
      hub.requests.length = 0;
      hub.ranges = ranges;
      expect(await download('hums/kokoro')).toMatchObject({ code: 0 });
      expect(starts()).toEqual([expect.toSatisfy((from: number) => from > 0 && from <= half)]);
      expect(requestsOf('model.json')).toEqual([]);
      expect(await inModels()).toEqual(['kokoro']);
    });
  });

  it('refuses content with another hash than the hub states, and does not keep it', async () => {
    kokoro.stated.set('model.onnx', { sha256: 'a'.repeat(64) });
    const { code, stderr } = await download('hums/kokoro');
    expect(stderr).toMatch(
      /sori: model\.onnx arrived damaged: its hash is \w{64}, and the hub states a{64}\./,
    );
    expect(code).toBe(1);
    const left = await readdir(join(folder.path, 'models'), { recursive: true });
    expect(left.filter((path) => path.includes('model.onnx'))).toEqual([]);
  });

  it('leaves nothing behind of a model that does not fit', async () => {
    await rm(join(folder.path, 'kokoro'), { recursive: true });
    await writeTinyKokoro(join(folder.path, 'kokoro'), { unknownOperator: true });
    await hub.addFolder('hums/kokoro', join(folder.path, 'kokoro'));
    const { code, stderr } = await download('hums/kokoro');
    expect(stderr).toMatch(/sori: hums\/kokoro: model\.onnx cannot be opened: .*Hum.*\n$/);
    expect({ code, left: await inModels() }).toEqual({ code: 1, left: [] });
  });

  it('sends a token to the hub, and not to the server that a file is redirected to', async () => {
    kokoro.gate = 'hf_secret';
    const { code, stderr } = await download('hums/kokoro');
    expect(stderr).toBe(
      `sori: hums/kokoro is gated: accept its conditions on ${hub.url.origin}/hums/kokoro and set HF_TOKEN to an access token\n`,
    );
    expect(code).toBe(1);
    const with_ = await add(['hums/kokoro', '--allow-download'], { HF_TOKEN: 'hf_secret' });
    expect(with_.code).toBe(0);
    expect(hub.leaked).toEqual([]);
  });

  it.each([
    [
      'a model that is not there',
      ['hums/none'],
      'has no hums/none@main, or it is private and HF_TOKEN has no access',
    ],
    ['a revision that is not there', ['hums/kokoro@v9'], 'has no revision hums/kokoro@v9'],
    [
      'a mirror that is off',
      ['hums/kokoro', '--hub', 'http://127.0.0.1:1'],
      "http://127.0.0.1:1 can't be reached: ",
    ],
    [
      'files that no driver knows',
      ['hums/notes'],
      'hums/notes has no model.json, and its files match none of these drivers: ',
    ],
    ['more than the limit', ['hums/huge', '--max-size', '10'], ' MiB, and --max-size allows 10 MiB'],
    ['more than the disk has room for', ['hums/huge', '--max-size', '9_999_999_999'], 'The disk is full: '],
    ['a path out of the folder', ['hums/outside'], 'files.0.path must not leave the folder'],
    ['an answer of another kind of server', ['hums/other'], 'does not answer like a model hub: sha '],
  ])('says what is wrong: %s', async (_, args, message) => {
    const repository = (files: Readonly<Record<string, string>>): ServedRepository => ({
      files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
      about: {},
      stated: new Map(),
    });
    hub.repositories.set('hums/notes', repository({ 'README.md': 'Hums.' }));
    hub.repositories.set('hums/huge', { ...kokoro, stated: new Map([['model.onnx', { size: HUGE }]]) });
    if (args[0] === 'hums/outside') {
      hub.repositories.set('hums/outside', kokoro);
      changeManifest(({ files }) => {
        files[0].path = '../../model.onnx';
      });
    }
    hub.repositories.set('hums/other', { ...kokoro, about: { sha: 'none' } });
    const { code, stderr } = await download(...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^sori: [^\n]+\n$/);
    expect(code).toBe(1);
  });

  it('shows a bar on a terminal', async () => {
    const terminal = onTerminal(
      [process.execPath, '--no-warnings', SORI, 'models', 'add', 'hums/kokoro', '--allow-download'],
      environment(),
    );
    await terminal.said(/Downloading .*100%/);
    expect(await terminal.ended).toBe(0);
  });
});
