import { expect, it } from 'vitest';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost } from '../../../src/engine/model-host.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import type { FileRef, Manifest } from '../../../src/shards/manifest.ts';
import { defaultPathOf } from '../../../src/shards/stages.ts';
import { memorySource } from '../../support/models/memory-source.ts';
import { tinyModel } from '../../support/models/model-files.ts';

const files = await tinyModel('sori-2', 1);
const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as Manifest;

/** The parts of a model that speech uses. */
const READ: readonly (readonly [what: string, file: FileRef])[] = [
  ...defaultPathOf(manifest).map((stage) => [`graph of ${stage}`, manifest.stages[stage]!.graph] as const),
  ...defaultPathOf(manifest).flatMap((stage) =>
    manifest.stages[stage]!.shards.map((shard) => [`weights of ${stage}`, shard] as const),
  ),
  ...Object.entries(manifest.lexicons).flatMap(([language, { dictionary, fallback }]) => [
    [`dictionary of ${language}`, dictionary] as const,
    ...(fallback ? [[`letter-to-sound of ${language}`, fallback] as const] : []),
  ]),
  ['known answers', manifest.knownAnswer],
];

async function readinessWith(changed: ReadonlyMap<string, Uint8Array>) {
  const loader = createModelLoader({ source: memorySource('sori-2', new Map([...files, ...changed])) });
  const host = createModelHost({ loader, backend: createNativeBackend() });
  const [readiness] = await createLocalEngine({ host, models: ['sori-2'] }).readiness();
  return readiness;
}

it('a model is ready when all of its files are whole', async () => {
  expect(await readinessWith(new Map())).toMatchObject({ ready: true });
});

it.each(READ)('a model is not ready when its %s is damaged', async (_, { file }) => {
  const damaged = files.get(file)!.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  const readiness = await readinessWith(new Map([[file, damaged]]));
  expect(readiness).toMatchObject({ ready: false, error: { code: 'model_unavailable' } });
  expect(readiness.error?.message).toContain(file);
});
