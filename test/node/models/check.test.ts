import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModel, describeFolder } from '../../../src/models/check.ts';
import { ModelFault } from '../../../src/models/manifest.ts';
import { ModelStore } from '../../../src/models/store.ts';
import { type CloningFaults, writeTinyCloning } from '../../support/models/tiny-cloning.ts';
import { temporaryFolder, writeTinyKokoro } from '../../support/models/tiny-models.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const graphs = { providers: ['cpu'], threads: 1 };
const change = async (path: string, with_: (manifest: Record<string, unknown>) => void) => {
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  with_(manifest);
  await writeFile(path, JSON.stringify(manifest));
};

async function add(source: string) {
  const store = new ModelStore(join(folder.path, 'models'));
  return await store.add(await describeFolder(source), source, (copy) => checkModel(copy, { graphs }));
}

describe('adding a model', () => {
  it.each([
    ['a missing file', (source: string) => rm(join(source, 'voices/af_low.bin')), 'voices/af_low.bin'],
    ['no folder', (source: string) => rm(source, { recursive: true }), 'cannot be read'],
    [
      'another content',
      async (source: string) => {
        const path = join(source, 'voices/af_low.bin');
        const bytes = await readFile(path);
        bytes[0] ^= 1;
        await writeFile(path, bytes);
      },
      'voices/af_low.bin is damaged',
    ],
    ['an unknown operator', (source: string) => writeTinyKokoro(source, { unknownOperator: true }), 'Hum'],
    [
      'another shape',
      (source: string) => writeTinyKokoro(source, { styleSize: 128 }),
      'input "style" has the shape [1, 128], not [1, 256]',
    ],
    [
      'an unknown driver',
      (source: string) => change(join(source, 'model.json'), (manifest) => (manifest.driver = 'piper')),
      'There is no driver piper',
    ],
    [
      'a driver of another task',
      (source: string) => change(join(source, 'model.json'), (manifest) => (manifest.driver = 'whisper')),
      'Driver whisper is for transcription, not speech',
    ],
    [
      'no licence',
      (source: string) => change(join(source, 'model.json'), (manifest) => delete manifest.licence),
      'licence',
    ],
    [
      'a path out of the folder',
      (source: string) =>
        change(join(source, 'model.json'), (manifest) => {
          (manifest.files as { path: string }[])[0].path = '../model.onnx';
        }),
      'files.0.path',
    ],
    [
      'settings that its driver does not take',
      (source: string) => change(join(source, 'model.json'), (manifest) => (manifest.settings = {})),
      'settings.graph',
    ],
    [
      'a manifest that is no JSON',
      (source: string) => writeFile(join(source, 'model.json'), '{'),
      'is not JSON',
    ],
  ])('refuses %s in one line, and leaves nothing behind', async (_, spoil, message) => {
    const source = join(folder.path, 'kokoro');
    await writeTinyKokoro(source);
    await spoil(source);
    const fault = await add(source).catch((error) => error);
    expect(fault).toBeInstanceOf(ModelFault);
    expect(fault.message).toContain(message);
    expect(fault.message).not.toContain('\n');
    expect(await readdir(join(folder.path, 'models')).catch(() => [])).toEqual([]);
  });

  it.each<[CloningFaults, string]>([
    [{ embeddingSize: 8 }, 'synthesizer.onnx: input "embedding" has the shape [1, 8], not [1, 16]'],
    [{ without: 'ʒ' }, 'symbols.json has no tokens for the symbol "ʒ"'],
    [{ longDurations: true }, 'the durations add up to'],
    [{ silent: true }, 'the embedding is unusable'],
  ])('refuses a cloning model with %j', async (faults, message) => {
    const source = join(folder.path, 'cloning');
    await writeTinyCloning(source, faults);
    await expect(add(source)).rejects.toThrow(message);
    await writeTinyCloning(source);
    expect((await add(source)).manifest.id).toBe('cloning-tiny');
  });

  it('stores what it measured, and keeps the model that is there until the next one is good', async () => {
    const source = join(folder.path, 'kokoro');
    await writeTinyKokoro(source);
    const { manifest } = await add(source);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    expect(manifest.memoryBytes).toBeGreaterThanOrEqual(bytes);

    await writeTinyKokoro(source, { unknownOperator: true });
    const store = new ModelStore(join(folder.path, 'models'));
    const replacing = store.add(
      await describeFolder(source),
      source,
      (copy) => checkModel(copy, { graphs }),
      {
        replace: true,
      },
    );
    await expect(replacing).rejects.toThrow('Hum');
    expect((await store.list()).models).toEqual([{ manifest, folder: join(folder.path, 'models/kokoro') }]);
  });
});
