import { existsSync } from 'node:fs';
import { copyFile, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Request as MiniflareRequest } from 'miniflare';
import { Response } from 'miniflare';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { manifestFields } from '../../../src/shards/manifest.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';
import { drawStyles } from '../../contract/style.contract.ts';
import { packTinyModel, type TinyModelOptions } from '../../fixtures/tiny-model.ts';
import { hum, wavOf } from '../hummed.ts';
import { madeOnce } from '../made-once.ts';
import { RECORDINGS, type RecordingName, recorded } from '../recordings.ts';
import { memorySource } from './memory-source.ts';

const root = resolve(import.meta.dirname, '../../..');
const tinyModels = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();

/**
 * The service binding `MODEL_FILES` of tests in workerd, which can't read this machine's files. Runs in Node.
 *
 * `/embedded/<model>/<file>` is a file below `shards/`; `/tiny/<model>/<seed>/<file>` one of a tiny model that is packed when
 * first asked for. `native-styles.json` as the file's name gives the styles that onnxruntime-node draws with that model
 * (test/contract/style.contract.ts). `/hummed/<hz>/<file>` is a recording of test/support/recordings.ts. 404 where there is none. Tests use it through `seedModel` (test/workerd/seed.ts).
 */
export async function serveModelFiles(request: MiniflareRequest): Promise<Response> {
  const [, kind, model, ...rest] = new URL(request.url).pathname.split('/');
  const file = basename(rest.at(-1) ?? '');
  if (file === 'native-styles.json') {
    const source =
      kind === 'embedded'
        ? fsSource(join(root, 'shards'))
        : memorySource(model, await tinyModel(model, Number(rest[0])));
    return Response.json(await drawStyles(source, model, createNativeBackend()));
  }
  if (kind === 'hummed' && Object.hasOwn(RECORDINGS, file)) {
    return new Response(recorded(file as RecordingName, await wavOf(hum(Number(model)))));
  }
  const bytes =
    kind === 'embedded'
      ? await readFile(join(root, 'shards', basename(model), file)).catch(() => undefined)
      : (await tinyModel(model, Number(rest[0]))).get(file);
  return bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : new Response(null, { status: 404 });
}

/** Files of a tiny model by name. It has the dictionaries of the embedded model, if there is one. */
export function tinyModel(
  name: string,
  seed: number,
  sampler: TinyModelOptions['sampler'] = 'emotions',
): Promise<ReadonlyMap<string, Uint8Array>> {
  const key = `${name}/${seed}/${sampler}`;
  let files = tinyModels.get(key);
  if (!files) {
    files = readTinyModel(name, seed, sampler);
    tinyModels.set(key, files);
  }
  return files;
}

async function readTinyModel(
  name: string,
  seed: number,
  sampler: TinyModelOptions['sampler'],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = await madeOnce(`tiny-${name}-${seed}-${sampler}`, async (draft) => {
    const work = await mkdtemp(join(tmpdir(), 'sori-test-'));
    try {
      const dir = join(work, name);
      await packTinyModel(dir, { name, seed, sampler, lexiconDir: await lexicon(work) });
      await cp(dir, draft, { recursive: true });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  const names = await readdir(folder);
  return new Map(
    await Promise.all(names.map(async (file) => [file, await readFile(join(folder, file))] as const)),
  );
}

async function lexicon(work: string): Promise<string | undefined> {
  const embedded = join(root, 'shards', 'sori-2');
  if (!existsSync(join(embedded, 'manifest.json'))) return undefined;
  // Only the lexicons are parsed, so a manifest of another version works too.
  const { lexicons } = manifestFields
    .pick({ lexicons: true })
    .parse(JSON.parse(await readFile(join(embedded, 'manifest.json'), 'utf8')));
  for (const [language, { dictionary, fallback }] of Object.entries(lexicons)) {
    await copyFile(join(embedded, dictionary.file), join(work, `${language}.dictionary.bin`));
    if (fallback) await copyFile(join(embedded, fallback.file), join(work, `${language}.fallback.bin`));
  }
  return Object.keys(lexicons).length ? work : undefined;
}
