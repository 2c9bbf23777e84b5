import { expect, it } from 'vitest';
import { createWasmBackend } from '../../src/inference/wasm.ts';
import { r2Source } from '../../src/shards/sources/r2.ts';
import { inferenceContract } from '../contract/inference.contract.ts';
import { packedStages } from '../support/packed-stages.ts';
import { bucketOf, readModelFile, seedModel } from './seed.ts';

inferenceContract(
  async () => createWasmBackend(),
  async () => {
    const source = r2Source(bucketOf());
    await seedModel(bucketOf(), { name: 'tiny' });
    const stages = await packedStages(source, 'tiny');
    const embedded = { name: 'sori-1', from: 'embedded' } as const;
    if (!(await readModelFile('manifest.json', embedded))) return stages;
    await seedModel(bucketOf(), embedded);
    return [...stages, ...(await packedStages(source, 'sori-1'))];
  },
);

it('tells the size of its memory', async () => {
  expect(createWasmBackend().memoryBytes?.()).toBeGreaterThan(1024 * 1024);
});
