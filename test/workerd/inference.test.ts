import { describe, expect, it } from 'vitest';
import { otherGraphs } from '../../src/inference/other-graphs/none.ts';
import { probe } from '../../src/inference/probe.ts';
import { withStacks } from '../../src/inference/stack/backend.ts';
import { createWasmBackend } from '../../src/inference/wasm.ts';
import { r2Source } from '../../src/shards/sources/r2.ts';
import { checkPackedStages, INFERENCE_CONTRACT } from '../contract/inference.contract.ts';
import { packedStages } from '../support/models/packed-stages.ts';
import { bucketOf, readModelFile, seedModel } from './seed.ts';

const embedded = { name: 'sori-2', from: 'embedded' } as const;
const hasEmbedded = (await readModelFile('manifest.json', embedded)) !== null;

describe('wasm backend', () => {
  const backend = createWasmBackend();
  it.each(INFERENCE_CONTRACT)('$name', ({ check }) => check(backend));

  it('gives the known answers of the tiny model', async () => {
    await seedModel(bucketOf(), { name: 'tiny' });
    await checkPackedStages(backend, await packedStages(r2Source(bucketOf()), 'tiny'));
  });

  it.runIf(hasEmbedded)('gives the known answers of sori-2', async () => {
    await seedModel(bucketOf(), embedded);
    // These answers are those of onnxruntime in int8. The stack kernel rounds activations in its own way, so both roundings count.
    await checkPackedStages(backend, await packedStages(r2Source(bucketOf()), 'sori-2'), 1.5e-2);
  });

  it('shares one runtime and its memory among all backends of an isolate', async () => {
    const bytes = backend.memoryBytes?.();
    expect(bytes).toBeGreaterThan(1024 * 1024);
    expect(createWasmBackend().memoryBytes?.()).toBe(bytes);
  });
});

describe('wasm backend without onnxruntime-web, as it is deployed', () => {
  const backend = withStacks(otherGraphs());

  it.runIf(hasEmbedded)('gives the known answers of every stage of sori-2', async () => {
    await seedModel(bucketOf(), embedded);
    await checkPackedStages(backend, await packedStages(r2Source(bucketOf()), 'sori-2'), 1.5e-2);
  });

  it('refuses other graphs with the reason', async () => {
    await expect(backend.createSession(probe.source())).rejects.toThrow('without onnxruntime-web');
  });
});
