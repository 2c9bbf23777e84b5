import { it } from 'vitest';
import { createWasmBackend } from '../../src/inference/wasm.ts';
import { r2Source } from '../../src/shards/sources/r2.ts';
import { checkSameStyles, drawStyles } from '../contract/style.contract.ts';
import { bucketOf, readModelFile, type SeedOptions, seedModel } from './seed.ts';

it.each<Required<Pick<SeedOptions, 'name' | 'from'>>>([
  { name: 'tiny', from: 'tiny' },
  { name: 'sori-1', from: 'embedded' },
])('the same request draws the same style in workerd as natively: $name', async (model) => {
  await seedModel(bucketOf(), model);
  const drawn = await drawStyles(r2Source(bucketOf()), model.name, createWasmBackend());
  const native = await readModelFile('native-styles.json', model);
  checkSameStyles(drawn, JSON.parse(new TextDecoder().decode(native!)));
});
