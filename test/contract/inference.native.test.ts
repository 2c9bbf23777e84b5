import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';
import { createNativeBackend } from '../../src/inference/native.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';
import { memorySource } from '../support/memory-source.ts';
import { tinyModel } from '../support/model-files.ts';
import { packedStages } from '../support/packed-stages.ts';
import { checkPackedStages, INFERENCE_CONTRACT } from './inference.contract.ts';

describe('native backend', () => {
  const backend = createNativeBackend();
  it.each(INFERENCE_CONTRACT)('$name', ({ check }) => check(backend));

  it('gives the known answers of the tiny model', async () => {
    await checkPackedStages(
      backend,
      await packedStages(memorySource('tiny', await tinyModel('tiny', 1)), 'tiny'),
    );
  });

  it.runIf(existsSync('shards/sori-1/manifest.json'))('gives the known answers of sori-1', async () => {
    await checkPackedStages(backend, await packedStages(fsSource('shards'), 'sori-1'));
  });
});
