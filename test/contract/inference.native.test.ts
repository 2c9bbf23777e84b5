import { existsSync } from 'node:fs';
import { createNativeBackend } from '../../src/inference/native.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';
import { memorySource } from '../support/memory-source.ts';
import { tinyModel } from '../support/model-files.ts';
import { packedStages } from '../support/packed-stages.ts';
import { inferenceContract } from './inference.contract.ts';

inferenceContract(
  async () => createNativeBackend(),
  async () => [
    ...(await packedStages(memorySource('tiny', await tinyModel('tiny', 1)), 'tiny')),
    ...(existsSync('shards/sori-1/manifest.json') ? await packedStages(fsSource('shards'), 'sori-1') : []),
  ],
);
