import { it } from 'vitest';
import { createWasmBackend } from '../../src/inference/wasm.ts';
import { r2Source } from '../../src/shards/sources/r2.ts';
import { checkSameStyles, drawStyles } from '../contract/style.contract.ts';
import { bucketOf, readModelFile, seedModel } from './seed.ts';

it('samples the same style in workerd as natively for the same request', async () => {
  const model = { name: 'tiny', from: 'tiny' } as const;
  await seedModel(bucketOf(), model);
  const drawn = await drawStyles(r2Source(bucketOf()), model.name, createWasmBackend());
  const native = await readModelFile('native-styles.json', model);
  checkSameStyles(drawn, JSON.parse(new TextDecoder().decode(native!)));
});
