import { appendFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTinyKokoro, writeTinyWhisper } from '../../support/models/tiny-models.ts';
import { runSori } from '../../support/run-sori.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const models = (...args: string[]) =>
  runSori(['models', ...args], { cwd: folder.path, env: { SORI_MODELS: join(folder.path, 'models') } });
const installed = () => readdir(join(folder.path, 'models')).catch(() => []);
describe('sori models', () => {
  it('adds, lists, checks and removes a model', async () => {
    await writeTinyKokoro(join(folder.path, 'kokoro'));
    const added = await models('add', 'kokoro');
    expect(added.stderr).toBe('');
    expect(added.stdout).toMatch(
      /^Added kokoro 1\.0: speech by driver kokoro, licence CC0-1\.0, 2 voices, \d+ MiB of memory\.\n$/,
    );
    expect(await installed()).toEqual(['kokoro']);

    const list = await models('list', '--json');
    expect(JSON.parse(list.stdout).models).toMatchObject([{ id: 'kokoro', task: 'speech' }]);
    expect((await models('list')).stdout).toMatch(/MODEL[\s\S]*kokoro/);
    expect(await models('check')).toMatchObject({ code: 0, stdout: 'kokoro: good\n' });

    expect(await models('add', 'kokoro')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--replace'),
    });
    expect(await models('add', 'kokoro', '--replace')).toMatchObject({ code: 0 });
    expect(await models('remove', 'kokoro')).toMatchObject({ code: 0, stdout: 'Removed kokoro.\n' });
    expect(await installed()).toEqual([]);
    expect(await models('remove', 'kokoro')).toMatchObject({ code: 1 });
  });

  it('recognizes a folder without model.json', async () => {
    const source = join(folder.path, 'downloaded');
    await writeTinyKokoro(source);
    await rm(join(source, 'model.json'));
    const added = await models('add', 'downloaded', '--id', 'hum', '--json');
    expect(JSON.parse(added.stdout)).toMatchObject({ id: 'hum', driver: 'kokoro', licence: 'Apache-2.0' });
    expect(await installed()).toEqual(['hum']);
  });

  it('finds a damaged file', async () => {
    await writeTinyWhisper(join(folder.path, 'whisper'));
    expect(await models('add', 'whisper')).toMatchObject({ code: 0 });
    await appendFile(join(folder.path, 'models/whisper-tiny/decoder.onnx'), 'x');
    const { code, stdout } = await models('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^whisper-tiny: decoder\.onnx has \d+ bytes, but model\.json states \d+\n$/);
  });

  it('refuses an invalid model in one line, and leaves nothing behind', async () => {
    await writeTinyKokoro(join(folder.path, 'kokoro'), { unknownOperator: true });
    const { code, stdout, stderr } = await models('add', 'kokoro');
    expect(stderr).toMatch(/^sori: kokoro: model\.onnx cannot be opened: .*Hum.*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(await installed()).toEqual([]);
  });
});
